// SPDX-License-Identifier: MIT OR Apache-2.0

//! Just enough understanding of C to take exprjit.h apart, and a C compiler to ask.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

pub struct Header {
    /// Without comments, preprocessor lines kept, white space as it was.
    pub text: String,
}

pub struct Function {
    pub name: String,
    pub declaration: String,
    result: String,
    parameters: Vec<String>,
}

fn include_folder() -> PathBuf {
    env::var_os("EXPRJIT_INCLUDE_DIR")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../include"))
}

impl Header {
    pub fn read() -> Header {
        let file = include_folder().join("exprjit/exprjit.h");
        let raw = fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}; EXPRJIT_INCLUDE_DIR may name its folder", file.display()));
        let mut text = String::new();
        let mut rest = raw.as_str();
        while let Some(begin) = rest.find("/*") {
            text += &rest[..begin];
            rest = &rest[begin..];
            rest = &rest[rest.find("*/").expect("an open comment") + 2..];
        }
        text += rest;
        Header { text }
    }

    /// Struct types with fields, by name.
    pub fn structs(&self) -> Vec<&str> {
        let tagged = self.text.lines().filter_map(|line| {
            let line = line.strip_prefix("typedef struct ").or_else(|| line.strip_prefix("struct "))?;
            line.strip_suffix(" {")
        });
        tagged.collect()
    }

    pub fn opaque_types(&self) -> Vec<&str> {
        let lines = self.text.lines().filter_map(|line| line.trim().strip_prefix("typedef struct "));
        lines.filter(|line| line.ends_with(';')).filter_map(|line| line.split_whitespace().next()).collect()
    }

    pub fn callbacks(&self) -> Vec<String> {
        let pieces = self.text.split("typedef ").skip(1);
        pieces
            .filter_map(|piece| piece.split_once("(*")?.1.split_once(')').map(|(name, _)| name.to_string()))
            .filter(|name| name.starts_with("ej_"))
            .collect()
    }

    /// Enumerators, and macros with an integer for value.
    pub fn constants(&self) -> Vec<String> {
        let mut names = Vec::new();
        for block in self.text.split("enum {").skip(1) {
            for item in block[..block.find('}').unwrap()].split(',') {
                let name = item.split('=').next().unwrap().trim();
                if !name.is_empty() {
                    names.push(name.to_string());
                }
            }
        }
        for line in self.text.lines().filter_map(|line| line.strip_prefix("#define ")) {
            let mut words = line.split_whitespace();
            let (name, value) = (words.next().unwrap(), words.next().unwrap_or(""));
            let is_number = value == "UINT32_MAX" || value.starts_with("0x") || value.parse::<i64>().is_ok();
            if !name.contains('(') && is_number {
                names.push(name.into());
            }
        }
        names
    }

    pub fn functions(&self) -> Vec<Function> {
        let pieces = self.text.split("\nEJ_API ").skip(1);
        let declarations = pieces.map(|piece| piece.split(';').next().unwrap()).filter(|piece| piece.contains('('));
        declarations
            .map(|declaration| Function::parse(&declaration.split_whitespace().collect::<Vec<_>>().join(" ")))
            .collect()
    }
}

impl Function {
    fn parse(declaration: &str) -> Function {
        let (head, parameters) = declaration.split_once('(').unwrap();
        let parameters = parameters.strip_suffix(')').unwrap();
        let name = head.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
        // A comma inside the parentheses of a callback would need more than this; the header has only `void (**entry)(void)`.
        let parameters =
            if parameters == "void" { Vec::new() } else { parameters.split(", ").map(String::from).collect() };
        Function {
            name: name.into(),
            declaration: declaration.into(),
            result: head.strip_suffix(name).unwrap().trim().into(),
            parameters,
        }
    }

    /// The declaration as bindings.rs has to have it, on one line.
    pub fn in_rust(&self) -> String {
        let parameters: Vec<String> = self.parameters.iter().map(|parameter| rust_parameter(parameter)).collect();
        let result = if self.result == "void" { String::new() } else { format!(" -> {}", rust_type(&self.result)) };
        format!("pub fn {}({}){result};", self.name, parameters.join(", "))
    }
}

fn rust_parameter(c: &str) -> String {
    if let Some(rest) = c.strip_prefix("void (**") {
        return format!("{}: *mut Option<unsafe extern \"C\" fn()>", rest.split(')').next().unwrap());
    }
    let name = c.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
    let keyword = if ["loop", "type", "yield", "as", "fn"].contains(&name) { "_" } else { "" };
    format!("{name}{keyword}: {}", rust_type(c.strip_suffix(name).unwrap()))
}

/// `const char *` → `*const c_char`, `ej_kernel **` → `*mut *mut ej_kernel`, `const char *const *` → `*const *const c_char`.
fn rust_type(c: &str) -> String {
    let (mut rust, mut is_const) = (String::new(), false);
    for word in c.replace('*', " * ").split_whitespace() {
        match word {
            "const" => is_const = true,
            "struct" | "volatile" => {}
            "*" => {
                rust = format!("*{} {rust}", if is_const { "const" } else { "mut" });
                is_const = false;
            }
            base => rust = rust_base(base).into(),
        }
    }
    rust
}

fn rust_base(c: &str) -> &str {
    match c {
        "void" => "c_void",
        "char" => "c_char",
        "size_t" => "usize",
        "intptr_t" => "isize",
        "int32_t" => "i32",
        "uint32_t" => "u32",
        "int64_t" => "i64",
        "uint64_t" => "u64",
        "uint8_t" => "u8",
        "double" => "f64",
        other => other,
    }
}

/// Compiles and runs a C program whose main has `body`; SAY(name, integer) lines come back as a map.
pub fn run(name: &str, body: &str) -> BTreeMap<String, i64> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (source, program) = (folder.join(format!("{name}.c")), folder.join(name));
    let text = format!(
        "#include <exprjit/exprjit.h>\n#include <stddef.h>\n#include <stdio.h>\n\
         #define SAY(name, value) printf(\"%s=%lld\\n\", name, (long long)(value))\n\
         int main(void) {{\n{body}    return 0;\n}}\n"
    );
    fs::write(&source, text).unwrap();
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let output = Command::new(&compiler)
        .args(["-std=c11", "-I"])
        .arg(include_folder())
        .arg("-o")
        .args([&program, &source])
        .output()
        .unwrap_or_else(|error| panic!("{compiler}: {error}; this test needs a C compiler (CC)"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = Command::new(&program).output().unwrap();
    assert!(said.status.success());
    let lines = String::from_utf8(said.stdout).unwrap();
    lines
        .lines()
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| (name.into(), value.parse().unwrap()))
        .collect()
}
