//! What is told of a defect of our own. Nothing that an operator can cause ends like this.

use std::any::Any;
use std::panic::PanicHookInfo;

use crate::print;

/// From now on a panic is told where it happened, without what it holds: the text of a panic is made of values, and
/// some of ours are secret.
pub(crate) fn tell_without_values() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        print::message(&in_words(panic.payload(), &place));
    }));
}

/// A text that stands in the program is no value.
fn in_words(payload: &(dyn Any + Send), place: &str) -> String {
    let what = payload.downcast_ref::<&'static str>().map(|text| format!(": {text}")).unwrap_or_default();
    format!(
        "rolecall has a defect at {place}{what}\n  please report it with this line and the version that `rolecall \
         --version` shows; what AWS does goes on, and `rolecall status` shows the last run"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_its_place_and_no_value() {
        let told = in_words(&format!("the external ID was {}", "Secret"), "src/a.rs:1:2");
        assert!(told.starts_with("rolecall has a defect at src/a.rs:1:2\n"), "{told}");
        let told = in_words(&"the plan is empty", "src/a.rs:1:2");
        assert!(told.starts_with("rolecall has a defect at src/a.rs:1:2: the plan is empty\n"), "{told}");
    }
}
