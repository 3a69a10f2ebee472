//! The intrinsic functions that role templates use. Any other is an error, not a guess.

use serde_json::Value;

use crate::TemplateError;
use crate::place::Place;
use crate::scope::{Scope, scalar_text};

impl Scope<'_> {
    /// The value of a function call; the place names the function.
    pub(crate) fn call(
        &self,
        name: &str,
        argument: &Value,
        place: &Place,
    ) -> Result<Option<Value>, TemplateError> {
        let value = match name {
            "Ref" => return self.reference(argument, place),
            "Fn::If" => return self.choose(argument, place),
            "Fn::GetAtt" => Value::from(self.attribute(argument, place)?),
            "Fn::Sub" => Value::from(self.substitute(argument, place)?),
            "Fn::Join" => Value::from(self.join(argument, place)?),
            "Fn::Select" => self.select(argument, place)?,
            "Fn::Split" => self.split(argument, place)?,
            "Fn::FindInMap" => self.find_in_map(argument, place)?,
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                return Err(place.error("is a condition and stands only in `Conditions`"));
            }
            _ => return Err(place.error("is a function that a role template is not read with")),
        };
        Ok(Some(value))
    }

    fn choose(&self, argument: &Value, place: &Place) -> Result<Option<Value>, TemplateError> {
        let [condition, yes, no] = arguments(argument, place, "a condition and two values")?;
        let name =
            condition.as_str().ok_or_else(|| place.error("the first argument is not a condition's name"))?;
        let (index, chosen) = if self.condition(name, place)? { (1, yes) } else { (2, no) };
        self.resolve(chosen, &place.item(index))
    }

    fn join(&self, argument: &Value, place: &Place) -> Result<String, TemplateError> {
        let [delimiter, list] = arguments(argument, place, "a delimiter and a list")?;
        let delimiter = delimiter.as_str().ok_or_else(|| place.error("the delimiter is not text"))?;
        let items = self.list(list, &place.item(1))?;
        let texts: Option<Vec<String>> = items.iter().map(scalar_text).collect();
        Ok(texts.ok_or_else(|| place.error("not all items are text"))?.join(delimiter))
    }

    fn select(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        let [index, list] = arguments(argument, place, "an index and a list")?;
        let index = self.text(index, &place.item(0))?;
        let index: usize = index.parse().map_err(|_| place.error("the index is not a number"))?;
        let mut items = self.list(list, &place.item(1))?;
        if index < items.len() {
            return Ok(items.swap_remove(index));
        }
        Err(place.error(format!("the index is {index}, and the list has {} items", items.len())))
    }

    fn split(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        let [delimiter, text] = arguments(argument, place, "a delimiter and a text")?;
        let delimiter = delimiter.as_str().filter(|delimiter| !delimiter.is_empty());
        let delimiter = delimiter.ok_or_else(|| place.error("the delimiter is not text"))?;
        Ok(self.text(text, &place.item(1))?.split(delimiter).map(Value::from).collect())
    }

    fn find_in_map(&self, argument: &Value, place: &Place) -> Result<Value, TemplateError> {
        let [map, first, second] = arguments(argument, place, "a map and two keys")?;
        let (map, first) = (self.text(map, &place.item(0))?, self.text(first, &place.item(1))?);
        let second = self.text(second, &place.item(2))?;
        let found = self.section("Mappings").and_then(|maps| maps.get(&map)?.get(&first)?.get(&second));
        found.cloned().ok_or_else(|| place.error(format!("Mappings.{map}.{first}.{second} does not exist")))
    }

    /// Whether a condition of the template holds.
    pub(crate) fn condition(&self, name: &str, place: &Place) -> Result<bool, TemplateError> {
        let conditions = self.section("Conditions");
        let expression = conditions.and_then(|conditions| conditions.get(name));
        let expression =
            expression.ok_or_else(|| place.error(format!("the template has no condition `{name}`")))?;
        self.truth(expression, &place.jump(format!("Conditions.{name}")))
    }

    fn truth(&self, expression: &Value, place: &Place) -> Result<bool, TemplateError> {
        self.enter(place)?;
        let call =
            expression.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
        let (name, argument) = call.ok_or_else(|| place.error("is not a condition function"))?;
        let place = place.child(name);
        match name.as_str() {
            "Condition" => {
                let name = argument.as_str().ok_or_else(|| place.error("is not a condition's name"))?;
                self.condition(name, &place)
            }
            "Fn::Equals" => {
                let [one, another] = arguments(argument, &place, "two values")?;
                let (one, another) =
                    (self.required(one, &place.item(0))?, self.required(another, &place.item(1))?);
                Ok(one == another
                    || (scalar_text(&one).is_some() && scalar_text(&one) == scalar_text(&another)))
            }
            "Fn::Not" => {
                let [one] = arguments(argument, &place, "one condition")?;
                Ok(!self.truth(one, &place.item(0))?)
            }
            "Fn::And" => Ok(self.truths(argument, &place)?.into_iter().all(|truth| truth)),
            "Fn::Or" => Ok(self.truths(argument, &place)?.into_iter().any(|truth| truth)),
            _ => Err(place.error("is not a condition function")),
        }
    }

    /// CloudFormation takes two to ten.
    fn truths(&self, argument: &Value, place: &Place) -> Result<Vec<bool>, TemplateError> {
        let list = argument.as_array().filter(|list| (2..=10).contains(&list.len()));
        let list = list.ok_or_else(|| place.error("takes a list of two to ten conditions"))?;
        list.iter().enumerate().map(|(index, one)| self.truth(one, &place.item(index))).collect()
    }
}

/// The arguments of a function that takes exactly so many.
pub(crate) fn arguments<'v, const N: usize>(
    argument: &'v Value,
    place: &Place,
    wanted: &str,
) -> Result<&'v [Value; N], TemplateError> {
    let list = argument.as_array().and_then(|list| <&[Value; N]>::try_from(list.as_slice()).ok());
    list.ok_or_else(|| place.error(format!("takes a list of {wanted}")))
}
