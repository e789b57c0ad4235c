//! The files that `init` and `new` write are valid as they are, and so is what they comment out.

use super::support::value;
use crate::plan::{parse_config, parse_plan, template_config, template_plan};
use crate::units::{Exposure, Period};

#[test]
fn the_templates_validate() {
    let config = template_config();
    let parsed = parse_config(&config);
    assert_eq!(parsed.mistakes, []);
    let config = value(&config, parsed);
    for stages in [
        vec![],
        vec![
            (Exposure::floor_percent(0.5), Period::from_hours(1)),
            (Exposure::FULL, Period::ZERO),
        ],
    ] {
        let text = template_plan("checkout-redesign", &stages, None);
        let parsed = parse_plan("checkout-redesign", &text, &config);
        assert_eq!(parsed.mistakes, []);
        let plan = value(&text, parsed);
        if !stages.is_empty() {
            let read: Vec<_> = plan
                .stages()
                .iter()
                .map(|s| (s.exposure, s.min_duration))
                .collect();
            assert_eq!(read, stages);
        }
    }
}

#[test]
fn what_the_config_template_comments_out_validates_too() {
    let config = uncommented(&template_config())
        // One of two ways to say who asks.
        .replace("basic = {", "# basic = {");
    assert_eq!(parse_config(&config).mistakes, []);
}

#[test]
fn what_the_plan_template_comments_out_validates_too() {
    let config = uncommented(&template_config()).replace("basic = {", "# basic = {");
    let config = value(&config, parse_config(&config));
    let text = uncommented(&template_plan("checkout-redesign", &[], None))
        // This surface requires a guardrail that the template does not have.
        .replace("surface = ", "# surface = ");
    // Stages, or the ramp in place of them.
    let (before, rest) = text.split_once("[ramp]").unwrap();
    let (ramp, after) = rest.split_once("# Worse").unwrap();
    let (head, _) = before.split_once("[[stages]]").unwrap();
    let ramp = ramp.replace("pace = \"fixed\"", "pace = \"adaptive\"");
    for text in [
        format!("{before}# Worse{after}"),
        format!("{head}[ramp]{ramp}# Worse{after}"),
    ] {
        assert_eq!(parse_plan("checkout-redesign", &text, &config).mistakes, []);
    }
}

#[test]
fn a_hostile_name_stays_text() {
    let text = template_plan("a\n[state]\nx = \"\\", &[], Some("x\n[state]"));
    let config = value("", parse_config(""));
    assert_eq!(parse_plan("a", &text, &config).mistakes, []);
}

/// Lines that would be TOML without their `# `.
fn uncommented(text: &str) -> String {
    text.lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.split(' ').nth(1) == Some("=") => rest,
            Some(_) | None => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}
