//! The command line as a user meets it: usage errors, help, what goes to which stream.

use crate::support::Rollout;

#[test]
fn help_is_an_answer() {
    let output = Rollout::new().run(["--help"]);
    output.exits(0);
    assert!(output.stdout.contains("Exit codes"), "{output}");
    assert_eq!(output.stderr, "");
}

#[test]
fn an_unknown_command_is_a_usage_error() {
    let output = Rollout::new().run(["advnace"]);
    output.exits(2);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("similar"), "{output}");
}

#[test]
fn completions_are_offered_for_every_common_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let output = Rollout::new().run(["completions", shell]);
        output.exits(0);
        assert!(output.stdout.contains("advance"), "{shell}");
    }
}
