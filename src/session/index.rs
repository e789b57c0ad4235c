//! Where the plans of a directory stand in its list, by name and by surface: directories have thousands,
//! and each asks for a few others.

use std::collections::HashMap;

use super::loaded::LoadedPlan;

/// Places in the list of plans.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_name: HashMap<String, usize>,
    by_surface: HashMap<String, Vec<usize>>,
}

impl Index {
    /// The places in this list, which may lose plans to mistakes but must not be put into another order.
    pub(crate) fn of(plans: &[LoadedPlan]) -> Self {
        let mut index = Self::default();
        for (place, loaded) in plans.iter().enumerate() {
            index.by_name.insert(loaded.file.name.clone(), place);
            let surface = loaded.plan.as_ref().and_then(|plan| plan.surface.as_ref());
            if let Some(surface) = surface {
                let places = index.by_surface.entry(surface.clone()).or_default();
                places.push(place);
            }
        }
        index
    }

    /// The place of the plan of this name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The places of the valid plans on a surface, in order.
    pub(crate) fn on_surface(&self, surface: &str) -> &[usize] {
        self.by_surface.get(surface).map_or(&[], Vec::as_slice)
    }
}
