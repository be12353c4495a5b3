//! What crosses the border of a room has a type: an error is no sentence that somebody would have to read.

use crate::architecture::{house, is, room};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fs;
use std::iter::Peekable;

/// So many may be left.
const MOST: usize = 15;

/// What a file offers beyond its room with a `Result<_, String>` in it: functions, types, fields, and what a trait asks for.
fn worded(tokens: TokenStream, offered: bool, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut visible = offered;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if let Some(TokenTree::Group(attribute)) = tokens.next()
                    && attribute.stream().to_string().replace(' ', "") == "cfg(test)"
                {
                    written_until(&mut tokens, |token| is(token, ';'));
                    tokens.next_if(|token| matches!(token, TokenTree::Group(_)));
                }
            }
            TokenTree::Ident(word) if word == "pub" => visible = is_offered(&mut tokens),
            TokenTree::Ident(word) if word == "fn" || word == "type" => {
                let text = written_until(&mut tokens, |token| is(token, ';'));
                let by_trait = ["Err=String", "Error=String"].contains(&text.as_str());
                if by_trait || (visible && has_worded_result(&text)) {
                    found.push(text);
                }
                visible = offered;
            }
            TokenTree::Ident(word) if word == "trait" || word == "struct" || word == "enum" => {
                written_until(&mut tokens, |token| is(token, ';'));
                if let Some(TokenTree::Group(body)) = tokens.next_if(|token| matches!(token, TokenTree::Group(_))) {
                    worded(body.stream(), visible && word == "trait", found);
                }
                visible = offered;
            }
            // A field of a struct, up to its comma.
            TokenTree::Ident(_) if visible && tokens.peek().is_some_and(|next| is(next, ':')) => {
                let text = written_until(&mut tokens, |token| is(token, ',') || is(token, ';'));
                if has_worded_result(&text) {
                    found.push(text);
                }
                visible = offered;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                worded(group.stream(), false, found);
                visible = offered;
            }
            _ => {}
        }
    }
}

/// Whether what follows `pub` is offered to other rooms: to all, or to the crate.
fn is_offered(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) -> bool {
    let narrowed =
        tokens.next_if(|token| matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Parenthesis));
    narrowed.is_none_or(|narrowed| narrowed.to_string().replace(' ', "") == "(crate)")
}

/// What is written up to a body in braces or a mark between the brackets of generics, without white space; the mark is taken.
fn written_until(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>, ends: impl Fn(&TokenTree) -> bool) -> String {
    let (mut text, mut depth) = (String::new(), 0_i32);
    while let Some(token) = tokens.next_if(|t| !matches!(t, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace)) {
        if depth == 0 && ends(&token) {
            break;
        }
        let arrow = text.ends_with('-');
        depth += i32::from(is(&token, '<')) - i32::from(is(&token, '>') && !arrow);
        text.push_str(&token.to_string().replace([' ', '\n'], ""));
    }
    text.replace("->", "→")
}

/// Whether a `Result<…, String>` is in a type.
fn has_worded_result(text: &str) -> bool {
    let text = text.replace("->", "→");
    text.match_indices("Result<").any(|(at, opened)| {
        let (mut depth, mut last, mut commas) = (0_u32, String::new(), 0);
        for c in text[at + opened.len()..].chars() {
            match c {
                // `io::Result<String>` says its error elsewhere.
                '>' if depth == 0 => return commas > 0 && last == "String",
                ',' if depth == 0 => {
                    commas += 1;
                    last.clear();
                }
                _ => last.push(c),
            }
            match c {
                '<' | '(' | '[' => depth += 1,
                '>' | ')' | ']' => depth -= 1,
                _ => {}
            }
        }
        false
    })
}

#[test]
fn errors_that_leave_their_room_have_types() {
    let mut left = Vec::new();
    for (path, _) in house() {
        let mut found = Vec::new();
        worded(fs::read_to_string(path).unwrap().parse().unwrap(), false, &mut found);
        left.extend(found.into_iter().map(|text| format!("{} ({}): {text}", path.display(), room(path))));
    }
    assert!(left.len() <= MOST, "{} words leave their room, {MOST} may:\n{}", left.len(), left.join("\n"));
}

#[test]
fn words_that_leave_their_room_are_found() {
    let found = |text: &str| {
        let mut found = Vec::new();
        worded(text.parse().unwrap(), false, &mut found);
        found.len()
    };
    assert_eq!(found("pub fn a(x: u8) -> Result<BTreeMap<u8, String>, String> { }"), 1);
    assert_eq!(
        found("pub(crate) async fn a<'a, T: Fn(u8) -> u8>(x: T) -> Option<Result<(), String>> where T: X { }"),
        1
    );
    assert_eq!(found("pub fn a(look: &dyn Fn(&str) -> Result<u8, String>) { }"), 1);
    assert_eq!(found("pub type Answer<'a> = BoxFuture<'a, Result<Vec<u8>, String>>;"), 1);
    assert_eq!(found("pub struct A { a: u8, pub b: Result<u8, String>, pub c: u8 }"), 1);
    assert_eq!(found("impl A { pub fn a(&self) -> Result<(), String> { } }"), 1);
    assert_eq!(found("pub trait A { fn a(&self) -> Result<(), String>; fn b(&self) -> Result<(), String> { } }"), 2);
    assert_eq!(found("impl FromStr for A { type Err = String; }"), 1);
    for inside in [
        "fn a() -> Result<(), String> { }",
        "pub(super) fn a() -> Result<(), String> { }",
        "pub(in crate::room) fn a() -> Result<(), String> { }",
        "pub fn a() -> Result<BTreeMap<String, String>, Unset> { let b: Result<u8, String> = c; }",
        "pub struct A { a: Result<u8, String> } trait B { fn a() -> Result<(), String>; }",
        "#[cfg(test)] pub fn a() -> Result<(), String> { } #[cfg(test)] mod tests { pub fn a() -> Result<(), String> { } }",
    ] {
        assert_eq!(found(inside), 0, "{inside}");
    }
}
