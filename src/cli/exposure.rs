//! `rollout exposure`: the one number that a flag or a router is set from, and whether an application
//! that reads the plan itself exposes a user. A plan that cannot be read has no exposure, which is
//! never the same as nobody.

use std::io;

use serde::Serialize;

use crate::decide::Exit;
use crate::session::{Context, Failure, Format, PlanSet};
use crate::units::Bucket;

/// Print the exposure of a plan in percent, one number on one line
///
/// A pending plan has 0. Where the plan has mistakes, nothing is printed on stdout and the exit
/// code is 2, so that a typing error is never taken for "nobody".
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Say instead whether this user is exposed where the application reads the plan itself
    /// (`rollout help bucketing`)
    #[arg(long, value_name = "KEY", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// Salt of the users' buckets, where it is not the plan's name
    #[arg(long, value_name = "SALT", requires = "user")]
    salt: Option<String>,
}

/// The answer as JSON, on one line.
#[derive(Debug, Serialize)]
struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    exposure: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserDocument<'a>>,
}

/// What is said of a user.
#[derive(Debug, Serialize)]
struct UserDocument<'a> {
    key: &'a str,
    salt: &'a str,
    bucket: u16,
    exposed: bool,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    let exposure = plan.exposure();
    let salt = args.salt.as_deref().unwrap_or(plan.name.as_str());
    let user = args.user.as_deref().map(|key| {
        let bucket = Bucket::of(salt, key);
        UserDocument {
            key,
            salt,
            bucket: bucket.number(),
            exposed: bucket.is_exposed(exposure),
        }
    });
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => match user {
            None => writeln!(context.ui.answer(), "{}", exposure.percent())?,
            Some(UserDocument {
                key: _,
                salt: _,
                bucket,
                exposed,
            }) => {
                let arm = if exposed { "exposed" } else { "unexposed" };
                writeln!(
                    context.ui.answer(),
                    "{arm}  bucket {bucket} of {}, {exposure} exposed",
                    Bucket::COUNT
                )?;
            }
        },
        Format::Json => {
            let document = serde_json::to_string(&Document {
                format: "rollout-exposure/1",
                plan: &plan.name,
                exposure: exposure.percent(),
                user,
            });
            writeln!(
                context.ui.answer(),
                "{}",
                document.map_err(io::Error::from)?
            )?;
        }
    }
    Ok(Exit::Go)
}
