// SPDX-License-Identifier: MIT OR Apache-2.0
fn main() -> Result<(), exprjit::Error> {
    let kernel = exprjit::compile("a*b + c")?; // machine code, in microseconds
    let y: f64 = kernel.call((3.0, 4.0, 5.0))?; // 17
    let f = kernel.function::<(f64, f64, f64), f64>()?; // a plain native function, tied to the kernel's life
    assert_eq!(y, f.call(3.0, 4.0, 5.0));

    let (a, b, mut out) = ([1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0], [0.0; 3]);
    kernel.eval().input(&a).input(&b).scalar(0.5).output(&mut out).run()?; // 4.5, 10.5, 18.5
    println!("{out:?}\n{}", exprjit::compile("a + sqr(b)").unwrap_err()); // a caret under sqr, and a hint
    Ok(())
}
