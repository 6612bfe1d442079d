// SPDX-License-Identifier: MIT OR Apache-2.0

//! Reads what Criterion measured, prints it with the ratios to exprjit, and writes one JSON file:
//! `exprjit-bench CRITERION-FOLDER OUT.json`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{json, Value};

/// One measurement: the group, who, the formula, the median in nanoseconds.
struct Row {
    group: String,
    who: String,
    formula: String,
    ns: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (folder, out) = match (arguments.next(), arguments.next()) {
        (Some(folder), Some(out)) => (folder, out),
        _ => return Err("usage: exprjit-bench CRITERION-FOLDER OUT.json".into()),
    };
    let mut rows = Vec::new();
    collect(Path::new(&folder), &mut rows)?;
    if rows.is_empty() {
        return Err(format!("{folder} has no measurements").into());
    }
    rows.sort_by(|a, b| (&a.group, &a.formula, a.ns).partial_cmp(&(&b.group, &b.formula, b.ns)).unwrap());
    let mut written = Vec::new();
    let mut heading = String::new();
    for row in &rows {
        let same = |other: &&Row| other.group == row.group && other.formula == row.formula && other.who == "exprjit";
        let ratio = rows.iter().find(same).map(|exprjit| row.ns / exprjit.ns);
        let title = format!("{}: {}", row.group, row.formula);
        if title != heading {
            println!("\n   {title}");
            heading = title;
        }
        let times = ratio.map_or(String::new(), |ratio| format!("{ratio:8.2}"));
        println!("   {:28} {:>12} {times}", row.who, time(row.ns));
        written.push(json!({"group": row.group, "formula": row.formula, "contestant": row.who, "median_ns": row.ns,
            "times_exprjit": ratio}));
    }
    println!("\n   the last column: times exprjit's median");
    fs::write(out, serde_json::to_string_pretty(&json!({"benchmark": "rust", "rows": written}))? + "\n")?;
    Ok(())
}

fn time(ns: f64) -> String {
    if ns < 1000.0 {
        return format!("{ns:.2} ns");
    }
    format!("{:.2} µs", ns / 1000.0)
}

/// Every folder that has new/estimates.json, and the names Criterion gave it in new/benchmark.json.
fn collect(folder: &Path, rows: &mut Vec<Row>) -> Result<(), Box<dyn Error>> {
    let read = |name: &str| -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_str(&fs::read_to_string(folder.join("new").join(name))?)?)
    };
    if folder.join("new/estimates.json").exists() {
        let (estimates, names) = (read("estimates.json")?, read("benchmark.json")?);
        let text = |key: &str| names[key].as_str().unwrap_or("").to_string();
        rows.push(Row {
            group: text("group_id"),
            who: text("function_id"),
            formula: text("value_str"),
            ns: estimates["median"]["point_estimate"].as_f64().ok_or("estimates.json without a median")?,
        });
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    below.retain(|path| path.is_dir() && path.file_name().map_or(false, |name| name != "new"));
    below.iter().try_for_each(|path| collect(path, rows))
}
