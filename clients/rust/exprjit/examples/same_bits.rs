// SPDX-License-Identifier: MIT OR Apache-2.0
//! Evaluates expressions over two columns of doubles: `same_bits TEXTS COLUMNS ROWS RESULTS`. Lines of TEXTS begin with
//! "m " (a value per row) or "r " (reduced). tests/server/test_same_bits.py compares RESULTS with the other languages.

use std::fs;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [texts, columns, rows, results] = <[String; 4]>::try_from(arguments).map_err(|_| "four arguments")?;
    let rows: usize = rows.parse()?;
    let bytes = fs::read(columns)?;
    let numbers: Vec<f64> = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    let (x, y) = numbers.split_at(rows);
    let options = exprjit::CompileOptions::new().param::<f64>("x").param::<f64>("y").declared_only();
    let engine = exprjit::Engine::new()?;
    let mut out = Vec::new();
    for line in fs::read_to_string(texts)?.lines() {
        let (kind, text) = line.split_at(2);
        let kernel = engine.compile_with(text, &options)?;
        let mut values = vec![0.0f64; if kind == "r " { 1 } else { rows }];
        let eval = kernel.eval().input(x).input(y);
        match kind {
            "r " => eval.output_one(&mut values[0]).run()?,
            _ => eval.output(&mut values).run()?,
        };
        out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    }
    fs::write(results, out)?;
    Ok(())
}
