// SPDX-License-Identifier: MIT OR Apache-2.0

//! Finds libexprjit: the folder in `EXPRJIT_LIB_DIR`, else pkg-config, else the build tree of the repository this crate lies
//! in. What was tried is told in full when nothing is found.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{exit, Command};

/// Folders under .build/ whose libraries carry a sanitizer's run-time, which a Rust program does not have.
const SANITIZED: [&str; 3] = ["asan", "tsan", "fuzz"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for name in ["EXPRJIT_LIB_DIR", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "DOCS_RS"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    // docs.rs has no libexprjit, and documentation needs none.
    if env::var_os("DOCS_RS").is_some() {
        return;
    }
    let mut tried = Vec::new();
    let folder =
        from_variable(&mut tried).or_else(|| from_pkg_config(&mut tried)).or_else(|| from_build_tree(&mut tried));
    match folder {
        Some(folder) => link(&folder),
        None => give_up(&tried),
    }
}

fn shared_library(folder: &Path) -> Option<PathBuf> {
    Some(folder.join("libexprjit.so")).filter(|file| file.exists())
}

fn from_variable(tried: &mut Vec<String>) -> Option<PathBuf> {
    let folder = match env::var_os("EXPRJIT_LIB_DIR") {
        Some(value) if !value.is_empty() => PathBuf::from(value),
        _ => {
            tried.push("EXPRJIT_LIB_DIR: not set".into());
            return None;
        }
    };
    if shared_library(&folder).is_none() {
        // Whoever set it means this folder: falling back to another library would hide the mistake.
        tried.push(format!("EXPRJIT_LIB_DIR: {} has no libexprjit.so", folder.display()));
        give_up(tried);
    }
    Some(folder)
}

fn from_pkg_config(tried: &mut Vec<String>) -> Option<PathBuf> {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    // Before 1.0 every minor version may change the ABI, so only the same one will do.
    let ask = |arguments: &[&str]| Command::new(&program).args(arguments).output();
    let output = match ask(&["--print-errors", "--exists", "exprjit >= 0.1", "exprjit < 0.2"]) {
        Ok(output) if output.status.success() => ask(&["--variable=libdir", "exprjit"]),
        failed => failed,
    };
    match output {
        Err(error) => tried.push(format!("{program}: {error}")),
        Ok(output) if !output.status.success() => {
            let said = String::from_utf8_lossy(&output.stderr);
            tried.push(format!(
                "{program} 'exprjit >= 0.1' 'exprjit < 0.2': {}",
                said.lines().next().unwrap_or("failed")
            ));
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            // It answers as for a shell: a space in the path has a backslash before it.
            let folder = PathBuf::from(said.lines().next().unwrap_or("").trim().replace('\\', ""));
            if shared_library(&folder).is_some() {
                return Some(folder);
            }
            tried.push(format!("{program}: its libdir for exprjit, {}, has no libexprjit.so", folder.display()));
        }
    }
    None
}

/// The newest library of ./dev build, ./dev test, ... in the repository.
fn from_build_tree(tried: &mut Vec<String>) -> Option<PathBuf> {
    let crate_folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let builds = match crate_folder.ancestors().nth(3) {
        Some(repository) => repository.join(".build"),
        None => return None,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(&builds).into_iter().flatten().flatten() {
        let folder = entry.path().join("lib");
        if SANITIZED.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if let Some(time) = shared_library(&folder).and_then(|file| file.metadata().ok()?.modified().ok()) {
            found.push((time, folder));
        }
    }
    let newest = found.into_iter().max().map(|(_, folder)| folder);
    if newest.is_none() {
        tried.push(format!("{}/*/lib: no libexprjit.so", builds.display()));
    }
    newest
}

fn link(folder: &Path) {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    println!("cargo:rerun-if-changed={}", folder.join("libexprjit.so").display());
    println!("cargo:rustc-link-search=native={}", folder.display());
    println!("cargo:rustc-link-lib=dylib=exprjit");
    // For a build script that wants an rpath: DEP_EXPRJIT_LIB_DIR.
    println!("cargo:lib_dir={}", folder.display());
    // Cargo puts search paths inside its target folder, and only those, into LD_LIBRARY_PATH for `cargo run` and `cargo test`,
    // doc tests included. A folder of links makes every program of every dependent start there without an rpath.
    let links = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("lib");
    let _ = fs::remove_dir_all(&links);
    if fs::create_dir_all(&links).is_ok() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("libexprjit.so") {
                let _ = std::os::unix::fs::symlink(entry.path(), links.join(entry.file_name()));
            }
        }
        println!("cargo:rustc-link-search=native={}", links.display());
    }
}

fn give_up(tried: &[String]) -> ! {
    eprintln!("\nlibexprjit was not found. Tried, in this order:");
    for attempt in tried {
        eprintln!("  - {attempt}");
    }
    eprintln!("The way out, any of:");
    eprintln!("  - in the exprjit repository:   ./dev build");
    eprintln!("  - EXPRJIT_LIB_DIR=FOLDER, the folder that holds libexprjit.so");
    eprintln!("  - install exprjit so that   pkg-config --modversion exprjit   answers 0.1 (PKG_CONFIG_PATH for a prefix of your own)\n");
    exit(1);
}
