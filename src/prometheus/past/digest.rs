//! Whether what was asked when a stage was entered answers what is asked now. Pure.

use serde_json::{Value, json};

use crate::plan::Word as _;
use crate::prometheus::native::Focus;
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
    let how = match how {
        How::Unsplit(why) => json!(["unsplit", why.word()]),
        How::Groups(_) => json!(["groups"]),
        How::Halves(_) => json!(["halves"]),
        How::Buckets(_, Focus { quantile, limit }) => json!(["buckets", quantile, limit]),
        How::Levels(_) => json!(["levels"]),
        How::Level(_) => json!(["level"]),
    };
    let questions = wanted.questions().iter();
    let questions: Vec<Value> = questions
        .map(|question| json!([question.column.key(), &*question.text]))
        .collect();
    let arms = [
        arms.label.clone(),
        arms.exposed.written(),
        arms.unexposed.written(),
    ];
    Digest::of(json!([arms, how, questions]).to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Arms, Column};
    use crate::prometheus::Grid;
    use crate::prometheus::query::{Question, Shape, Speaks};
    use crate::snapshot::{Arm, Unsplit};

    fn of(how: How) -> Digest {
        digest(&Wanted {
            how,
            grid: Grid::of_ends(300, 600, BLOCK),
            arms: Arms::default(),
        })
    }

    #[test]
    fn what_is_kept_of_the_answers_is_part_of_the_question() {
        let question = Question {
            column: Column::Events,
            speaks: Speaks::Of(Arm::Unexposed),
            shape: Shape::Number,
            text: "x".into(),
            selector: None,
            counter: None,
        };
        let one = || vec![question.clone()];
        let focus = |quantile, limit| Focus { quantile, limit };
        let all = [
            of(How::Unsplit(Unsplit::OwnQueries)),
            of(How::Unsplit(Unsplit::NativeHistogram)),
            of(How::Groups(one())),
            of(How::Halves(one())),
            of(How::Buckets(one(), focus(0.99, None))),
            of(How::Buckets(one(), focus(0.9, None))),
            of(How::Buckets(one(), focus(0.99, Some(0.5)))),
            of(How::Levels(question.clone())),
            of(How::Level(question.clone())),
        ];
        for (place, digest) in all.iter().enumerate() {
            assert!(!all[place + 1..].contains(digest), "{place}");
        }
        assert_eq!(of(How::Groups(one())), all[2]);
    }
}
