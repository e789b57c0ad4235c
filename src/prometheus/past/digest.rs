//! Whether what was asked when a stage was entered answers what is asked now. Pure.

use crate::snapshot::{AskedHistory, EntryHistory};
use crate::units::Digest;

use super::wanted::{BLOCK, How, Wanted};

/// Whether what is known of a guardrail answers this. It may reach back less far: then that was what could
/// be had.
fn fits(known: &AskedHistory, wanted: &Wanted) -> bool {
    known.questions == digest(wanted)
        && known.block() == BLOCK
        && (known.blocks == 0 || known.ends().last() == wanted.grid.last())
}

/// What a record keeps of a guardrail's past, where it answers what is wanted.
pub(in crate::prometheus) fn known_past<'a>(
    known: Option<&'a EntryHistory>,
    name: &str,
    wanted: &Wanted,
) -> Option<&'a AskedHistory> {
    let kept = known?.guardrails.get(name)?;
    fits(kept, wanted).then_some(kept)
}

/// The digest of what is wanted: the questions' texts hold selectors and the length of a block.
pub(super) fn digest(wanted: &Wanted) -> Digest {
    let Wanted { how, grid: _, arms } = wanted;
    let mut text = format!(
        "arms {:?} {:?} {:?}\n",
        arms.label,
        arms.exposed.written(),
        arms.unexposed.written()
    );
    match how {
        How::Unsplit(why) => text.push_str(&format!("{why:?}\n")),
        How::Buckets(_, focus) => text.push_str(&format!("{focus:?}\n")),
        How::Groups(_) | How::Halves(_) | How::Levels(_) | How::Level(_) => {}
    }
    for question in wanted.questions() {
        text.push_str(&format!("{} {:?}\n", question.column.key(), question.text));
    }
    Digest::of(text.as_bytes())
}
