// SPDX-License-Identifier: MIT OR Apache-2.0

//! Columns: element types, lengths, nulls, reductions, selections, batches.

use exprjit::{is_valid, pack_validity, CompileOptions, Element, Engine, Kernel, Scalar, Status, F16};

fn typed<T: Element>(text: &str) -> Kernel {
    Engine::shared().compile_with(text, &CompileOptions::new().param::<T>("x")).unwrap()
}

/// Column in, column out: `x` of each element type into the type it widens to.
fn widens<T: Element, W: Scalar + Default + PartialEq + std::fmt::Debug>(data: &[T], wanted: &[W]) {
    let mut out = vec![W::default(); data.len()];
    typed::<T>("x").eval().input(data).output(&mut out).run().unwrap();
    assert_eq!(out, wanted);
}

#[test]
fn every_element_type_reads_as_the_type_it_widens_to() {
    widens(&[true, false, true], &[true, false, true]);
    widens(&[i8::MIN, 5, i8::MAX], &[-128, 5, 127]);
    widens(&[i16::MIN, 5, i16::MAX], &[-32768, 5, 32767]);
    widens(&[i32::MIN, 5, i32::MAX], &[i32::MIN, 5, i32::MAX]);
    widens(&[i64::MIN, 5, i64::MAX], &[i64::MIN, 5, i64::MAX]);
    widens(&[0u8, 200, 255], &[0, 200, 255]);
    widens(&[0u16, 200, 65535], &[0, 200, 65535]);
    widens(&[0u32, 200, u32::MAX], &[0i64, 200, 4294967295]);
    widens(&[0u64, 200, (1 << 63) - 1], &[0i64, 200, i64::MAX]);
    widens(&[F16(0x3c00), F16(0xc000)], &[1.0f32, -2.0]);
    widens(&[0.1f32, -1.0e38], &[0.1f32, -1.0e38]);
    widens(&[0.1f64, 1.0e300], &[0.1f64, 1.0e300]);
}

#[test]
fn an_unsigned_element_beyond_i64_is_an_error_with_its_row() {
    let mut out = [0i64; 3];
    let error = typed::<u64>("x").eval().input(&[1u64, 2, 1 << 63]).output(&mut out).run().unwrap_err();
    assert_eq!((error.status(), error.row()), (Status::Domain, Some(2)));
}

#[test]
fn scalars_of_every_type_broadcast() {
    let kernel = exprjit::compile("x + y").unwrap();
    let mut out = [0.0; 3];
    macro_rules! with {
        ($($value:expr),*) => {$(
            kernel.eval().input(&[1.0, 2.0, 3.0]).scalar($value).output(&mut out).run().unwrap();
            assert_eq!(out, [8.0, 9.0, 10.0], "{}", stringify!($value));
        )*};
    }
    with!(7.0, 7.0f32, 7i64, 7i32, 7i16, 7i8, 7u8, 7u16, 7u32, 7u64, F16(0x4700));
    kernel.eval().scalar(true).scalar(1.5).output(&mut out).run().unwrap();
    assert_eq!(out, [2.5; 3], "the output tells the number of rows");
    let mut one = 0.0;
    kernel.eval().scalar(1.0).scalar(1.5).output_one(&mut one).run().unwrap();
    assert_eq!(one, 2.5, "nothing tells: one row");
    let mut uniform = 0.0;
    kernel.eval().scalar(1.0).scalar(2.5).rows(1000).output_one(&mut uniform).run().unwrap();
    assert_eq!(uniform, 3.5, "the same for all rows");
}

#[test]
fn lengths_that_differ_are_told_by_name() {
    let kernel = exprjit::compile("alpha + beta").unwrap();
    let (mut three, mut two) = ([0.0; 3], [0.0; 2]);
    let error = kernel.eval().input(&[1.0, 2.0]).input(&[1.0, 2.0, 3.0]).output(&mut three).run().unwrap_err();
    assert_eq!(
        error.message(),
        "input 1 (beta) has 3 elements, but input 0 (alpha) has 2; columns have one length, and scalar(value) is one value for \
         all rows"
    );
    let error = kernel.eval().input(&[1.0, 2.0, 3.0]).scalar(1.0).output(&mut two).run().unwrap_err();
    assert_eq!(error.message(), "output 0 has 2 elements for 3 rows; it needs one for each");
    let error = kernel.eval().input(&[1.0, 2.0]).scalar(1.0).rows(3).output(&mut three).run().unwrap_err();
    assert_eq!(error.message(), "input 0 (alpha) has 2 elements, but rows(3) was asked for");
    let error = kernel.eval().input(&[1.0, 2.0]).output(&mut two).run().unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument, "a missing input: {error}");
    let error = kernel.eval().input(&[1.0, 2.0]).scalar(1.0).run().unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument, "a missing output: {error}");
    let mut narrow = [0f32; 2];
    let error = kernel.eval().input(&[1.0, 2.0]).scalar(1.0).output(&mut narrow).run().unwrap_err();
    assert_eq!(error.status(), Status::Type);
    let error =
        kernel.eval().input_every(&[1.0, 2.0], 0).scalar(1.0).rows(0).output(&mut [] as &mut [f64]).run().unwrap_err();
    assert!(error.message().contains("at least 1"), "{error}");
}

#[test]
fn no_rows_are_no_work() {
    let none: [f64; 0] = [];
    let mut out: [f64; 0] = [];
    exprjit::compile("x + 1").unwrap().eval().input(&none).output(&mut out).run().unwrap();
    let mut total = 5.0;
    exprjit::compile("sum(x)").unwrap().eval().input(&none).output_one(&mut total).run().unwrap();
    assert_eq!(total, 0.0);
    // A reduction writes its element even then, so a column without one is refused.
    let error = exprjit::compile("sum(x)").unwrap().eval().input(&none).output(&mut out).run().unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
}

#[test]
fn reductions_are_one_element() {
    let kernel = exprjit::compile("total = sum(x); y = x / sum(x)").unwrap();
    let x = [1.0, 3.0, 4.0];
    let (mut total, mut y) = ([0.0], [0.0; 3]);
    kernel.eval().input(&x).output(&mut total).output(&mut y).run().unwrap();
    assert_eq!((total, y), ([8.0], [0.125, 0.375, 0.5]));
    let mut three = [0.0; 3];
    let error = kernel.eval().input(&x).output(&mut three).output(&mut y).run().unwrap_err();
    assert_eq!(
        error.message(),
        "output 0 (total) is reduced to one value, but its column has 3 elements; use output_one(&mut value)"
    );
    assert_eq!(kernel.call::<_, (f64, f64)>((1.0,)).unwrap_err().status(), Status::Unsupported);
}

#[test]
fn steps_read_and_write_every_nth() {
    let table = [1.0, 10.0, 100.0, 2.0, 20.0, 200.0, 3.0, 30.0]; // the last row is cut: its third element is not there
    let kernel = exprjit::compile("x + y").unwrap();
    let mut out = [0.0; 9];
    kernel.eval().input_every(&table, 3).input_every(&table[1..], 3).output_every(&mut out[1..], 3).run().unwrap();
    assert_eq!(out, [0.0, 11.0, 0.0, 0.0, 22.0, 0.0, 0.0, 33.0, 0.0]);
    let error =
        kernel.eval().input_every(&table, 3).input_every(&table[2..], 3).output(&mut [0.0; 3]).run().unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument, "{error}");
}

#[test]
fn any_number_of_columns() {
    for count in 1..12 {
        let names: Vec<String> = (0..count).map(|i| format!("x{i}")).collect();
        let text: Vec<String> = names.iter().rev().map(|name| format!("{name}_ = {name}*10")).collect();
        let options = names.iter().fold(CompileOptions::new(), |options, name| options.param::<f64>(name));
        let kernel = Engine::shared().compile_with(&text.join("; "), &options).unwrap();
        let inputs: Vec<[f64; 2]> = (0..count).map(|i| [f64::from(i), f64::from(i) + 0.5]).collect();
        let mut outputs = vec![[0.0; 2]; count as usize];
        let eval = inputs.iter().fold(kernel.eval(), |eval, input| eval.input(input));
        outputs.iter_mut().fold(eval, |eval, output| eval.output(output)).run().unwrap();
        for (input, output) in inputs.iter().rev().zip(&outputs) {
            assert_eq!([input[0] * 10.0, input[1] * 10.0], *output, "{count} columns");
        }
    }
}

#[test]
fn in_place_is_as_apart() {
    let x: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.37 - 100.0).collect();
    let kernel = exprjit::compile("sin(x)*x").unwrap();
    let (mut apart, mut here) = (vec![0f64; 1000], x.clone());
    kernel.eval().input(&x).output(&mut apart).run().unwrap();
    kernel.eval().in_place(&mut here).run().unwrap();
    assert!(apart.iter().zip(&here).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn nulls_go_through_and_bits_outside_are_kept() {
    let rows = 1003;
    let x: Vec<f64> = (0..rows).map(|i| i as f64).collect();
    let valid = pack_validity((0..rows + 5).map(|bit| bit < 5 || (bit - 5) % 3 != 0));
    let kernel = exprjit::compile("y = x*2; n = is_null(x); b = x > 500").unwrap();
    let (mut y, mut n, mut b) = (vec![0.0; rows], vec![false; rows], vec![false; rows]);
    let (mut y_valid, mut b_valid) = (vec![0xffu8; rows / 8 + 2], vec![0u8; rows / 8 + 1]);
    kernel
        .eval()
        .input_nullable_at(&x, &valid, 5)
        .output_nullable_at(&mut y, &mut y_valid, 3)
        .output(&mut n)
        .output_nullable(&mut b, &mut b_valid)
        .run()
        .unwrap();
    for row in 0..rows {
        assert_eq!(is_valid(&y_valid, row + 3), row % 3 != 0, "row {row}");
        assert_eq!(n[row], row % 3 == 0, "row {row}");
        if row % 3 != 0 {
            assert_eq!((y[row], b[row]), (row as f64 * 2.0, row > 500));
        }
        // Unspecified, but a bool all the same: anything else in its byte would be undefined behaviour.
        // SAFETY: a bool is one byte.
        assert!(unsafe { *(&b[row] as *const bool as *const u8) } <= 1);
    }
    assert_eq!(y_valid[0] & 7, 7, "bits before the rows");
    assert!((rows + 3..y_valid.len() * 8).all(|bit| is_valid(&y_valid, bit)), "bits after the rows");

    let error =
        kernel.eval().input_nullable(&x, &valid[..10]).output(&mut y).output(&mut n).output(&mut b).run().unwrap_err();
    assert_eq!(error.message(), "a validity bitmap has 80 bits from its offset on for 1003 rows");
    let error =
        kernel.eval().input_nullable(&x, &valid).output(&mut y).output(&mut n).output(&mut b).run().unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument, "an output that can be null needs a bitmap: {error}");
}

#[test]
fn steps_of_any_size_and_what_they_are_told() {
    let kernel = exprjit::compile("y = x + 1").unwrap();
    let (x, mut y) = ([1.0, 2.0, 3.0], [0.0; 3]);
    let message = |result: exprjit::Result<()>| result.unwrap_err().message().to_string();
    assert_eq!(
        message(kernel.eval().input_every(&x, 0).output(&mut y).run()),
        "input 0 (x) is every 0th element of a slice; the step is at least 1, and scalar(value) is one value for all rows"
    );
    assert_eq!(
        message(kernel.eval().input(&x).output_every(&mut y, 0).run()),
        "output 0 (y) is every 0th element of a slice; the step is at least 1, and output_one(&mut value) takes one value for all \
         rows"
    );
    assert!(message(kernel.eval().input_every(&x[..0], 0).output(&mut y[..0]).run())
        .starts_with("input 0 (x) is every 0th"));
    let condition = exprjit::compile("keep = x > 1; y = x").unwrap();
    let error = condition.eval().input(&x).output_every(&mut y, 0).filter().unwrap_err();
    assert_eq!(error.message(), "filter: column 0 is every 0th element of a slice; the step is at least 1");

    // Past the end, the first element alone; beyond what bytes can be counted, too.
    for step in [3, 4, usize::MAX / 8, usize::MAX / 4, usize::MAX] {
        let mut out = [0.0; 3];
        kernel.eval().input_every(&x[..], step).output_every(&mut out, step).run().unwrap();
        assert_eq!(out, [2.0, 0.0, 0.0], "step {step}");
        kernel.eval().input_every(&x[..0], step).output_every(&mut out[..0], step).run().unwrap();
    }
}

#[test]
fn rows_beyond_memory_are_an_error() {
    let kernel = exprjit::compile("x > 1").unwrap();
    for rows in [usize::MAX, usize::MAX / 8] {
        let error = kernel.eval().scalar(2.0).rows(rows).select().unwrap_err();
        assert_eq!(error.status(), Status::NoMemory, "{error}");
        assert!(error.message().contains("all of which may be selected"));
    }
    let mut one = false;
    assert!(kernel.eval().scalar(2.0).rows(usize::MAX).output_one(&mut one).run().is_err());
}

#[test]
fn selections_agree_with_an_iterator() {
    let x: Vec<f64> = (0..10_000).map(|i| f64::from(i * 7919 % 1000)).collect();
    let wanted: Vec<i64> = (0..x.len()).filter(|i| x[*i] > 990.0).map(|i| i as i64).collect();
    let condition = exprjit::compile("x > limit").unwrap();
    let selected = condition.eval().input(&x).scalar(990.0).select().unwrap();
    assert_eq!(selected, wanted);

    let kernel = exprjit::compile("keep = x > limit; y = x + 1").unwrap();
    let mut y = vec![0.0; x.len()];
    let kept = kernel.eval().input(&x).scalar(990.0).output(&mut y).filter().unwrap();
    let values: Vec<f64> = wanted.iter().map(|i| x[*i as usize] + 1.0).collect();
    assert_eq!(&y[..kept], values);

    let mut again = vec![0.0; selected.len()];
    exprjit::compile("x + 1").unwrap().eval().input(&x).output(&mut again).run_selected(&selected).unwrap();
    assert_eq!(again, values);

    let error = exprjit::compile("y = x").unwrap().eval().input(&x).output(&mut again).run_selected(&[0]).unwrap_err();
    let wanted = format!("output 0 (y) has {} elements for 1 indices; it needs one for each", again.len());
    assert_eq!(error.message(), wanted);

    let mut two = [0; 2];
    assert_eq!(
        condition.eval().input(&x).scalar(0.0).select_into(&mut two).unwrap_err().status(),
        Status::InvalidArgument
    );
    let mut short = [0.0; 5];
    let error = kernel.eval().input(&x).scalar(990.0).output(&mut short).filter().unwrap_err();
    assert_eq!(error.message(), "filter: column 0 needs room for every row (10000)");
    let mut one = [0.0];
    let error = exprjit::compile("x").unwrap().eval().input(&x).output(&mut one).run_selected(&[10_000]).unwrap_err();
    assert_eq!((error.status(), error.row()), (Status::InvalidArgument, Some(0)));
}

#[test]
fn batches_give_the_bits_of_the_whole() {
    let x: Vec<f64> = (0..50_000).map(|i| 1.0 / f64::from(i + 1)).collect();
    let kernel = exprjit::compile("s = sum(x); m = max(x); n = count(x > 0.001)").unwrap();
    let (mut s, mut m, mut n) = (0f64, 0f64, 0i64);
    kernel.eval().input(&x).output_one(&mut s).output_one(&mut m).output_one(&mut n).run().unwrap();
    let mut reducer = kernel.reducer().unwrap();
    for batch in x.chunks(4097) {
        reducer.batch().input(batch).feed().unwrap();
    }
    let (fed, largest, count): (f64, f64, i64) = reducer.finish().unwrap();
    assert_eq!((s.to_bits(), m, n), (fed.to_bits(), largest, count));
    assert!(reducer.finish::<f64>().is_err(), "three outputs do not fit one");
    assert_eq!(exprjit::compile("x + 1").unwrap().reducer().unwrap_err().status(), Status::Unsupported);
    let mut moved = kernel.reducer().unwrap();
    drop(kernel);
    std::thread::spawn(move || moved.batch().input(&[1.0]).feed().unwrap()).join().unwrap();
}
