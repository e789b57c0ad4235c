//! Many files at a commit at once say what each says by itself.

use super::tree::Tree;
use rollout::workspace::git::Repository;
use rollout::workspace::{Directory, write_file};

/// Attributes that make a work tree differ from what is committed.
const ATTRIBUTES: &str = "crlf*.toml text eol=crlf\nident*.toml ident\nutf16*.toml text working-tree-encoding=UTF-16LE\n\
                          shout*.toml filter=shout\n";

/// Names as nobody should choose them, and what stands there.
const FILES: [(&str, &str); 14] = [
    ("rollouts/a.toml", "a = 1\n"),
    ("rollouts/empty.toml", ""),
    ("rollouts/no-end.toml", "a = 1"),
    ("rollouts/ends.toml", "\n\n\n"),
    ("rollouts/with space.toml", "a = 2\n"),
    ("rollouts/ leading.toml", "a = 3\n"),
    ("rollouts/new\nline.toml", "a = 4\n"),
    ("rollouts/tab\t\"quote'.toml", "a = 5\n"),
    ("rollouts/*.toml", "a = 6\n"),
    ("rollouts/å/ü.toml", "a = 7\n"),
    ("rollouts/crlf.toml", "a = 1\nb = 2\n"),
    ("rollouts/ident.toml", "# $Id$\n"),
    ("rollouts/shout.toml", "quiet\n"),
    ("rollouts/twin.toml", "a = 1\n"),
];

fn repository(tree: &Tree, variables: &[(&str, &str)]) -> Repository {
    let directory = Directory::at(tree.path.join("rollouts"), "rollouts".into());
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    Repository::open(&directory, &variables).unwrap()
}

/// A work tree with all of them committed.
fn tree() -> Tree {
    let tree = Tree::new();
    tree.executable(".git/shout", "#!/bin/sh\ntr a-z A-Z\n");
    tree.git("config filter.shout.smudge .git/shout");
    tree.put(".gitattributes", ATTRIBUTES);
    for (name, text) in FILES {
        tree.put(name, text);
    }
    std::os::unix::fs::symlink("a.toml", tree.path.join("rollouts/link.toml")).unwrap();
    let wide: Vec<u8> = "a = 8\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    write_file(&tree.path.join("rollouts/utf16.toml"), &wide).unwrap();
    tree.executable("rollouts/run.toml", "a = 9\n");
    tree.git("add --all");
    tree.git("commit --quiet -m all");
    tree
}

#[test]
fn files_asked_for_together_say_what_each_says_alone() {
    let tree = tree();
    let repository = repository(&tree, &[]);
    let mut names: Vec<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let more = [
        "rollouts/link.toml",
        "rollouts/utf16.toml",
        "rollouts/run.toml",
        "rollouts/plan.toml",
        "rollouts/absent.toml",
        "rollouts/å",
        "rollouts",
        "absent/absent.toml",
        "notes.txt",
    ];
    names.extend(more.map(ToOwned::to_owned));
    let base = repository.resolve("HEAD").unwrap();
    let past = repository.past(&base, &names).unwrap();
    for name in &names {
        let alone = repository.text_at(&base, name).map_err(|e| e.to_string());
        let together = past.text(name).map_err(|e| e.to_string());
        assert_eq!(together, alone, "{name:?}");
    }
    let said = |name: &str| past.text(name).unwrap();
    assert_eq!(said("rollouts/crlf.toml").unwrap(), "a = 1\r\nb = 2\r\n");
    assert_eq!(said("rollouts/shout.toml").unwrap(), "QUIET\n");
    assert!(said("rollouts/ident.toml").unwrap().starts_with("# $Id: "));
    assert_eq!(said("rollouts/absent.toml"), None);
    assert_eq!(said("rollouts/new\nline.toml").unwrap(), "a = 4\n");
    // Nobody asked for it beforehand.
    let none = repository.past(&base, &[]).unwrap();
    assert_eq!(none.text("rollouts/a.toml").unwrap().unwrap(), "a = 1\n");
}

#[test]
fn a_filter_that_fails_is_told_as_it_is_for_one_file() {
    let tree = tree();
    tree.git("config filter.shout.smudge false");
    tree.git("config filter.shout.required true");
    let repository = repository(&tree, &[]);
    let base = repository.resolve("HEAD").unwrap();
    let names = [
        "rollouts/a.toml".to_owned(),
        "rollouts/shout.toml".to_owned(),
    ];
    let past = repository.past(&base, &names).unwrap();
    assert_eq!(past.text(&names[0]).unwrap().unwrap(), "a = 1\n");
    assert!(past.text(&names[1]).is_err());
}

#[test]
fn a_thousand_files_take_a_few_children() {
    let tree = Tree::new();
    let names: Vec<String> = (0..1_000)
        .map(|at| format!("rollouts/p{at}.toml"))
        .collect();
    for name in &names {
        tree.put(name, &format!("# {name}\n"));
    }
    tree.git("add --all");
    tree.git("commit --quiet -m all");
    let trace = tree.path.with_extension("trace");
    let repository = repository(&tree, &[("GIT_TRACE", trace.to_str().unwrap())]);
    let base = repository.resolve("HEAD").unwrap();
    let past = repository.past(&base, &names).unwrap();
    for name in &names {
        assert_eq!(past.text(name).unwrap().unwrap(), format!("# {name}\n"));
    }
    let trace = std::fs::read_to_string(trace).unwrap();
    let children = trace.matches("trace: built-in: git ").count();
    assert!(children <= 6, "{children}");
}
