//! The stack instances of a set, and what they were a while ago: lists may be behind (aws-facts A16).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use jiff::Timestamp;

use super::instances::Instance;
use super::stack::Place;
use crate::faults::LONGEST_DELAY;

/// Stack instances by place. Reading shows what is; [`Instances::seen_at`] shows what was.
#[derive(Debug, Default)]
pub(super) struct Instances {
    current: BTreeMap<Place, Instance>,
    /// What was at a place before each change, and until when; the oldest first.
    past: BTreeMap<Place, Vec<Past>>,
}

#[derive(Debug)]
struct Past {
    until: Timestamp,
    /// `None` before there was an instance.
    instance: Option<Instance>,
}

impl Deref for Instances {
    type Target = BTreeMap<Place, Instance>;

    fn deref(&self) -> &Self::Target {
        &self.current
    }
}

impl Instances {
    /// An instance that is about to change.
    pub(super) fn change(&mut self, place: &Place, now: Timestamp) -> Option<&mut Instance> {
        if self.current.contains_key(place) {
            self.remember(place, now);
        }
        self.current.get_mut(place)
    }

    /// An instance that is about to change, made first if there is none.
    pub(super) fn change_or_add(
        &mut self,
        place: &Place,
        now: Timestamp,
        add: impl FnOnce() -> Instance,
    ) -> &mut Instance {
        self.remember(place, now);
        self.current.entry(place.clone()).or_insert_with(add)
    }

    /// Every instance, each about to change.
    pub(super) fn change_all(&mut self, now: Timestamp) -> impl Iterator<Item = &mut Instance> {
        let places: Vec<Place> = self.current.keys().cloned().collect();
        places.iter().for_each(|place| self.remember(place, now));
        self.current.values_mut()
    }

    pub(super) fn remove(&mut self, place: &Place, now: Timestamp) {
        self.remember(place, now);
        self.current.remove(place);
    }

    /// Every instance as it was at an instant that is no longer ago than lists can be behind.
    pub(super) fn seen_at(&self, instant: Timestamp) -> impl Iterator<Item = (&Place, &Instance)> {
        let places: BTreeSet<&Place> = self.current.keys().chain(self.past.keys()).collect();
        places.into_iter().filter_map(move |place| Some((place, self.at(place, instant)?)))
    }

    fn at(&self, place: &Place, instant: Timestamp) -> Option<&Instance> {
        let past = self.past.get(place).and_then(|past| past.iter().find(|past| past.until > instant));
        past.map_or_else(|| self.current.get(place), |past| past.instance.as_ref())
    }

    /// Keeps what is before it changes, and forgets what nobody can see any more. Of several changes in one
    /// instant, only what was before the first was ever seen.
    fn remember(&mut self, place: &Place, now: Timestamp) {
        let past = self.past.entry(place.clone()).or_default();
        past.retain(|past| past.until + LONGEST_DELAY > now);
        if past.last().is_none_or(|last| last.until < now) {
            past.push(Past { until: now, instance: self.current.get(place).cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::cloudformation::instances::{DetailedStatus, InstanceStatus};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn place() -> Place {
        Place { account: "100000000001".to_owned(), region: "us-east-1".to_owned() }
    }

    fn seen(instances: &Instances, seconds: i64) -> Option<DetailedStatus> {
        instances.seen_at(at(seconds)).next().map(|(_, instance)| instance.detailed)
    }

    /// Pending at second 10, running and done at second 20, gone at second 30.
    fn with_a_past() -> Instances {
        let mut instances = Instances::default();
        instances.change_or_add(&place(), at(10), || Instance::pending(None, "op".into()));
        instances.change(&place(), at(20)).unwrap().detailed = DetailedStatus::Running;
        instances.change(&place(), at(20)).unwrap().detailed = DetailedStatus::Succeeded;
        instances.remove(&place(), at(30));
        instances
    }

    #[test]
    fn an_instance_is_seen_as_it_was() {
        let instances = with_a_past();
        assert_eq!(instances.past[&place()].len(), 3, "one for each instant");
        let rows = [
            (9, None),
            (10, Some(DetailedStatus::Pending)),
            (19, Some(DetailedStatus::Pending)),
            (20, Some(DetailedStatus::Succeeded)),
            (29, Some(DetailedStatus::Succeeded)),
            (30, None),
            (99, None),
        ];
        for (second, expected) in rows {
            assert_eq!(seen(&instances, second), expected, "second {second}");
        }
    }

    #[test]
    fn what_nobody_can_see_any_more_is_forgotten() {
        let mut instances = with_a_past();
        instances.change_or_add(&place(), at(100_000), || Instance::pending(None, "op".into()));
        assert_eq!(instances.past[&place()].len(), 1);
        assert_eq!(instances[&place()].status, InstanceStatus::Outdated);
        assert_eq!(seen(&instances, 99_999), None);
    }
}
