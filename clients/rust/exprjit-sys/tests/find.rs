// SPDX-License-Identifier: MIT OR Apache-2.0

//! The build script finds the library where it should, and says what it tried where there is none.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// A folder of this test's own, with a space in its name, and the build script as a program in it.
struct Place {
    folder: PathBuf,
}

impl Place {
    fn new(name: &str) -> Place {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("find {name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let compiler = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs");
        let mut command = Command::new(compiler);
        let status = command.args(["--edition", "2021", "-o"]).arg(folder.join("script")).arg(source).status().unwrap();
        assert!(status.success());
        Place { folder }
    }

    /// An empty file with the library's name is enough for whoever only looks for it.
    fn library(&self, folder: &str) -> PathBuf {
        let folder = self.folder.join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("libexprjit.so"), "").unwrap();
        folder
    }

    /// Runs it for a crate three folders below this one.
    fn run(&self, variables: &[(&str, &Path)]) -> Output {
        let mut command = Command::new(self.folder.join("script"));
        for name in ["EXPRJIT_LIB_DIR", "DOCS_RS", "PKG_CONFIG", "PKG_CONFIG_PATH"] {
            command.env_remove(name);
        }
        fs::create_dir_all(self.folder.join("out")).unwrap();
        command.env("CARGO_MANIFEST_DIR", self.folder.join("clients/rust/exprjit-sys"));
        command.env("OUT_DIR", self.folder.join("out")).env("PKG_CONFIG_LIBDIR", self.folder.join("nothing"));
        command.envs(variables.iter().copied()).output().unwrap()
    }
}

fn found(output: &Output, folder: &Path) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(&format!("cargo:lib_dir={}\n", folder.display())), "{said}");
    assert!(said.contains("cargo:rustc-link-lib=dylib=exprjit\n"));
}

fn missing(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("rustc-link-lib"));
    words.iter().for_each(|word| assert!(said.contains(word), "no {word:?} in:\n{said}"));
}

#[test]
fn the_variable_comes_first_and_is_meant() {
    let place = Place::new("variable");
    let (here, _) = (place.library("here"), place.library(".build/release/lib"));
    found(&place.run(&[("EXPRJIT_LIB_DIR", &here)]), &here);
    missing(&place.run(&[("EXPRJIT_LIB_DIR", &place.folder)]), &["has no libexprjit.so", "./dev build"]);
}

#[test]
fn pkg_config_comes_second_and_must_have_the_version() {
    let place = Place::new("pkg-config");
    let (installed, built) = (place.library("prefix/lib"), place.library(".build/release/lib"));
    let describe = |version: &str| {
        fs::write(
            installed.join("exprjit.pc"),
            format!("libdir=${{pcfiledir}}\nName: exprjit\nDescription: x\nVersion: {version}\nLibs: -L${{libdir}} -lexprjit\n"),
        )
        .unwrap();
        place.run(&[("PKG_CONFIG_LIBDIR", &installed)])
    };
    found(&describe("0.1.7"), &installed);
    found(&describe("0.2.0"), &built);
}

#[test]
fn the_build_tree_comes_last_without_sanitizers() {
    let place = Place::new("tree");
    place.library(".build/asan/lib");
    let words =
        ["EXPRJIT_LIB_DIR: not set", "pkg-config 'exprjit >= 0.1'", ".build/*/lib: no libexprjit.so", "./dev build"];
    missing(&place.run(&[]), &words);
    let built = place.library(".build/test/lib");
    found(&place.run(&[]), &built);
    assert!(place.folder.join("out/lib/libexprjit.so").exists(), "the link for cargo run");
}

#[test]
fn docs_need_no_library() {
    let output = Place::new("docs").run(&[("DOCS_RS", Path::new("1"))]);
    assert!(output.status.success());
    assert!(!String::from_utf8_lossy(&output.stdout).contains("rustc-link"));
}
