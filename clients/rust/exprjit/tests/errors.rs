// SPDX-License-Identifier: MIT OR Apache-2.0

//! Errors as a person and as a program read them.

use exprjit::{CompileOptions, Engine, Error, Status};

#[test]
fn spans_cut_the_place_out_of_the_text() {
    let cases = [
        ("1 + foo(2)", Status::Name, "foo"),
        ("x + y", Status::Name, "y"),
        ("2 + * 3", Status::Syntax, "*"),
        ("größe + unbekannt", Status::Name, "unbekannt"),
        ("x and\n  zz", Status::Name, "zz"),
    ];
    let options = CompileOptions::new().param::<f64>("x").param::<f64>("größe").declared_only();
    for (text, status, place) in cases {
        let error = Engine::shared().compile_with(text, &options).unwrap_err();
        let first = &error.diagnostics()[0];
        assert_eq!((error.status(), first.status, &text[first.span.clone()]), (status, status, place), "{error}");
        let before = &text[..first.span.start];
        assert_eq!(first.line, Some(1 + before.matches('\n').count() as u32), "{text}");
        assert_eq!(first.column, Some(1 + before.rsplit('\n').next().unwrap().chars().count() as u32), "{text}");
        assert_eq!(error.message(), first.message);
        assert!(first.code >= 1000, "{first:?}");
    }
}

#[test]
fn display_draws_the_caret_and_debug_shows_it_too() {
    let error = exprjit::compile("1 + sqrt(x,").unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("1 + sqrt(x,") && shown.contains('^') && !shown.ends_with('\n'), "{shown}");
    assert!(format!("{error:?}").contains('^'));
    assert!(format!("{error:#?}").contains("diagnostics"));
    let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
    assert!(boxed.downcast_ref::<Error>().is_some());
}

#[test]
fn several_mistakes_are_several_diagnostics() {
    let options = CompileOptions::new().declared_only();
    let error = Engine::shared().compile_with("foo(1) + bar(2)", &options).unwrap_err();
    assert!(error.diagnostics().len() >= 2, "{error}");
    assert!(error.diagnostics().windows(2).all(|pair| pair[0].span.start <= pair[1].span.start));
}

#[test]
fn hostile_text_is_refused_in_words() {
    let nul = exprjit::compile("1 +\0 2").unwrap_err();
    assert_eq!(nul.status(), Status::Syntax);
    let deep = exprjit::compile(&"(".repeat(100_000)).unwrap_err();
    assert!(matches!(deep.status(), Status::Syntax | Status::Limit), "{:?}", deep.status());
    let engine = Engine::builder().max_nodes(10).build().unwrap();
    let many = engine.compile("a*b*c*d*e1*f*g*h*i*j*k*l").unwrap_err();
    assert_eq!(many.status(), Status::Limit);
    let options = CompileOptions::new().param::<f64>("a\0b");
    let name = Engine::shared().compile_with("1", &options).unwrap_err();
    assert_eq!(name.message(), "the name \"a\\0b\" has a NUL in it");
    let twice = CompileOptions::new().param::<f64>("a").param::<f64>("a");
    assert!(Engine::shared().compile_with("a", &twice).is_err());
    assert!(Engine::shared().compile_ir("func nonsense", &CompileOptions::new()).is_err());
    assert!(exprjit::compile("x").unwrap().dump(exprjit::Dump::Opt, Some("no such pass")).is_err());
}

#[test]
fn an_error_is_one_word() {
    assert_eq!(std::mem::size_of::<Result<(), Error>>(), std::mem::size_of::<usize>());
}
