// SPDX-License-Identifier: MIT OR Apache-2.0

//! exprjit beside other evaluators of expressions in Rust. Every contestant's result is compared with Rust's own first.

use std::hint::black_box;
use std::time::Duration;

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use evalexpr::{ContextWithMutableVariables, HashMapContext, Value};
use fasteval::{Compiler, Evaler};

/// Text in each contestant's spelling, and the same in Rust.
struct Formula {
    name: &'static str,
    text: &'static str,
    evalexpr: &'static str,
    rust: fn(f64, f64, f64) -> f64,
}

const FORMULAS: [Formula; 3] = [
    Formula { name: "a*b+c", text: "a*b+c", evalexpr: "a*b+c", rust: |a, b, c| a * b + c },
    Formula {
        name: "polynomial",
        text: "((a*0.1+b)*a+c)*a-(b*c-a)*(b+0.5)/(c*c+1)",
        evalexpr: "((a*0.1+b)*a+c)*a-(b*c-a)*(b+0.5)/(c*c+1.0)",
        rust: |a, b, c| ((a * 0.1 + b) * a + c) * a - (b * c - a) * (b + 0.5) / (c * c + 1.0),
    },
    Formula {
        name: "sin(a)*cos(b)+c",
        text: "sin(a)*cos(b)+c",
        evalexpr: "math::sin(a)*math::cos(b)+c",
        rust: |a, b, c| a.sin() * b.cos() + c,
    },
];
const ARGS: (f64, f64, f64) = (1.25, -0.75, 3.5);
const ROWS: usize = 10_000;

fn close(ours: f64, rust: f64, who: &str, formula: &Formula) {
    assert!((ours - rust).abs() <= 1e-12 * rust.abs().max(1.0), "{who}, {}: {ours} is not {rust}", formula.name);
}

fn context(a: f64, b: f64, c: f64) -> HashMapContext {
    let mut context = HashMapContext::new();
    for (name, value) in [("a", a), ("b", b), ("c", c)] {
        context.set_value(name.into(), Value::Float(value)).unwrap();
    }
    context
}

/// A text that was never seen, to a number.
fn compile_and_eval(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile and evaluate once");
    for formula in &FORMULAS {
        let (a, b, c) = ARGS;
        let wanted = (formula.rust)(a, b, c);
        let engine = exprjit::Engine::builder().cache_bytes(1).build().unwrap();
        let exprjit = || engine.compile(black_box(formula.text)).unwrap().call::<_, f64>(ARGS).unwrap();
        close(exprjit(), wanted, "exprjit", formula);
        group.bench_function(BenchmarkId::new("exprjit", formula.name), |bench| bench.iter(exprjit));
        // Code that runs once is not worth making.
        let engine = exprjit::Engine::builder().cache_bytes(1).tier(exprjit::Tier::Interpreter).build().unwrap();
        let interpreted = || engine.compile(black_box(formula.text)).unwrap().call::<_, f64>(ARGS).unwrap();
        close(interpreted(), wanted, "exprjit, interpreter", formula);
        group.bench_function(BenchmarkId::new("exprjit, interpreter", formula.name), |bench| bench.iter(interpreted));
        let cached = || exprjit::compile(black_box(formula.text)).unwrap().call::<_, f64>(ARGS).unwrap();
        group.bench_function(BenchmarkId::new("exprjit, text seen before", formula.name), |bench| bench.iter(cached));

        let values = context(a, b, c);
        let evalexpr = || evalexpr::eval_float_with_context(black_box(formula.evalexpr), &values).unwrap();
        close(evalexpr(), wanted, "evalexpr", formula);
        group.bench_function(BenchmarkId::new("evalexpr", formula.name), |bench| bench.iter(evalexpr));

        let mut names = |name: &str, _: Vec<f64>| match name {
            "a" => Some(a),
            "b" => Some(b),
            "c" => Some(c),
            _ => None,
        };
        let mut fasteval = || fasteval::ez_eval(black_box(formula.text), &mut names).unwrap();
        close(fasteval(), wanted, "fasteval", formula);
        group.bench_function(BenchmarkId::new("fasteval", formula.name), |bench| bench.iter(&mut fasteval));

        let meval = || {
            let parsed: meval::Expr = black_box(formula.text).parse().unwrap();
            parsed.bind3("a", "b", "c").unwrap()(a, b, c)
        };
        close(meval(), wanted, "meval", formula);
        group.bench_function(BenchmarkId::new("meval", formula.name), |bench| bench.iter(meval));
    }
    group.finish();
}

/// A formula that is ready, over other numbers each time.
fn eval(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evaluate once");
    for formula in &FORMULAS {
        let (a, b, c) = ARGS;
        let wanted = (formula.rust)(a, b, c);
        let kernel = exprjit::compile(formula.text).unwrap();
        let function = kernel.function::<(f64, f64, f64), f64>().unwrap();
        close(function.call(a, b, c), wanted, "exprjit", formula);
        group.bench_function(BenchmarkId::new("exprjit", formula.name), |bench| {
            bench.iter(|| function.call(black_box(a), black_box(b), black_box(c)))
        });
        group.bench_function(BenchmarkId::new("exprjit, Kernel::call", formula.name), |bench| {
            bench.iter(|| kernel.call::<_, f64>(black_box(ARGS)).unwrap())
        });
        let rust = black_box(formula.rust);
        group.bench_function(BenchmarkId::new("Rust", formula.name), |bench| {
            bench.iter(|| rust(black_box(a), black_box(b), black_box(c)))
        });

        let tree = evalexpr::build_operator_tree(formula.evalexpr).unwrap();
        let mut values = context(a, b, c);
        group.bench_function(BenchmarkId::new("evalexpr", formula.name), |bench| {
            bench.iter(|| {
                values.set_value("a".into(), Value::Float(black_box(a))).unwrap();
                values.set_value("b".into(), Value::Float(black_box(b))).unwrap();
                values.set_value("c".into(), Value::Float(black_box(c))).unwrap();
                tree.eval_float_with_context(&values).unwrap()
            })
        });

        let mut slab = fasteval::Slab::new();
        let parsed = fasteval::Parser::new().parse(formula.text, &mut slab.ps).unwrap();
        let compiled = parsed.from(&slab.ps).compile(&slab.ps, &mut slab.cs);
        let fasteval = |a: f64, b: f64, c: f64| {
            let mut names = |name: &str, _: Vec<f64>| match name {
                "a" => Some(a),
                "b" => Some(b),
                "c" => Some(c),
                _ => None,
            };
            compiled.eval(&slab, &mut names).unwrap()
        };
        close(fasteval(a, b, c), wanted, "fasteval", formula);
        group.bench_function(BenchmarkId::new("fasteval", formula.name), |bench| {
            bench.iter(|| fasteval(black_box(a), black_box(b), black_box(c)))
        });

        let meval = formula.text.parse::<meval::Expr>().unwrap().bind3("a", "b", "c").unwrap();
        group.bench_function(BenchmarkId::new("meval", formula.name), |bench| {
            bench.iter(|| meval(black_box(a), black_box(b), black_box(c)))
        });
    }
    group.finish();
}

/// 10,000 rows into an existing column.
fn columns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("10,000 rows");
    group.throughput(Throughput::Elements(ROWS as u64));
    let column = |seed: f64| -> Vec<f64> { (0..ROWS).map(|row| (row as f64 * seed).sin() * 3.0).collect() };
    let (a, b, c) = (column(0.37), column(0.11), column(0.73));
    let mut out = vec![0.0; ROWS];
    for formula in &FORMULAS {
        let check = |out: &[f64], who: &str| {
            (0..ROWS).for_each(|row| close(out[row], (formula.rust)(a[row], b[row], c[row]), who, formula));
        };
        let kernel = exprjit::compile(formula.text).unwrap();
        let mut exprjit = || kernel.eval().input(&a).input(&b).input(&c).output(&mut out).run().unwrap();
        group.bench_function(BenchmarkId::new("exprjit", formula.name), |bench| bench.iter(&mut exprjit));
        check(&out, "exprjit");

        let rust = black_box(formula.rust);
        group.bench_function(BenchmarkId::new("Rust, a call per row", formula.name), |bench| {
            bench.iter(|| (0..ROWS).for_each(|row| out[row] = rust(a[row], b[row], c[row])))
        });

        let mut slab = fasteval::Slab::new();
        let parsed = fasteval::Parser::new().parse(formula.text, &mut slab.ps).unwrap();
        let compiled = parsed.from(&slab.ps).compile(&slab.ps, &mut slab.cs);
        group.bench_function(BenchmarkId::new("fasteval", formula.name), |bench| {
            bench.iter(|| {
                for row in 0..ROWS {
                    let mut names = |name: &str, _: Vec<f64>| match name {
                        "a" => Some(a[row]),
                        "b" => Some(b[row]),
                        "c" => Some(c[row]),
                        _ => None,
                    };
                    out[row] = compiled.eval(&slab, &mut names).unwrap();
                }
            })
        });
        check(&out, "fasteval");

        let meval = formula.text.parse::<meval::Expr>().unwrap().bind3("a", "b", "c").unwrap();
        group.bench_function(BenchmarkId::new("meval", formula.name), |bench| {
            bench.iter(|| (0..ROWS).for_each(|row| out[row] = meval(a[row], b[row], c[row])))
        });
        check(&out, "meval");

        let tree = evalexpr::build_operator_tree(formula.evalexpr).unwrap();
        let mut values = context(0.0, 0.0, 0.0);
        group.bench_function(BenchmarkId::new("evalexpr", formula.name), |bench| {
            bench.iter(|| {
                for row in 0..ROWS {
                    values.set_value("a".into(), Value::Float(a[row])).unwrap();
                    values.set_value("b".into(), Value::Float(b[row])).unwrap();
                    values.set_value("c".into(), Value::Float(c[row])).unwrap();
                    out[row] = tree.eval_float_with_context(&values).unwrap();
                }
            })
        });
        check(&out, "evalexpr");
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(900));
    targets = compile_and_eval, eval, columns
}
criterion_main!(benches);
