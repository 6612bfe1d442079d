// SPDX-License-Identifier: MIT OR Apache-2.0

//! The Rust of the READMEs is examples/readme.rs, word for word, and it runs.

use std::fs;
use std::path::Path;

mod example {
    include!("../examples/readme.rs");

    pub fn run() -> Result<(), exprjit::Error> {
        main()
    }
}

/// The first block marked as Rust.
fn rust_block(markdown: &str) -> Option<&str> {
    let rest = markdown.split_once("```rust\n")?.1;
    Some(rest.split_once("```")?.0)
}

#[test]
fn the_readmes_show_the_example_and_it_runs() {
    let (_, wanted) = include_str!("../examples/readme.rs").split_once('\n').unwrap();
    assert_eq!(rust_block(include_str!("../../README.md")), Some(wanted), "clients/rust/README.md");
    // The repository's own README shows every face; it is not there in a packaged crate.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../README.md");
    if let Some(block) = fs::read_to_string(&root).ok().as_deref().and_then(rust_block) {
        assert_eq!(block, wanted, "{}", root.display());
    }
    example::run().unwrap();
}
