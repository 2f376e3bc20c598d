//! A source file with all of its changes compiled in, each behind a switch.
//!
//! `a + b` becomes `(if on(7) { a - b } else if on(8) { a * b } else { a + b })`. Only one change is in force at a
//! time, so an alternative holds the original text and only the default is rewritten further down.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::list::{Genre, Mutant};

/// A rewritten file.
pub struct Rewritten {
    /// Its text.
    pub text: String,
    /// Changes that don't parse.
    pub unviable: Vec<u32>,
    /// Changes of constants, which no switch reaches.
    pub constant: Vec<u32>,
    /// Changes of functions that the compiler may run, where no switch reaches them.
    pub in_const_fn: Vec<u32>,
}

/// `text` with these changes in it.
pub fn rewrite(text: &str, mutants: &[&Mutant]) -> Result<Rewritten, String> {
    let file = syn::parse_file(text).map_err(|e| e.to_string())?;
    let mut spans = Spans::default();
    spans.visit_file(&file);
    let (mut unviable, mut constant) = (Vec::new(), Vec::new());
    let mut sites: BTreeMap<(usize, usize, Rank), Site> = BTreeMap::new();
    for mutant in mutants {
        let at = mutant.span.start;
        let (rank, range) = match mutant.genre {
            Genre::FnValue => (Rank::Body, mutant.span.clone()),
            Genre::MatchArm => (Rank::Arm, mutant.span.clone()),
            Genre::MatchArmGuard => (Rank::Guard, mutant.span.clone()),
            Genre::BinaryOperator | Genre::UnaryOperator | Genre::StructField => {
                match spans.expressions.get(&(mutant.genre as u8, at)) {
                    Some(range) => (Rank::Expression, range.clone()),
                    None => {
                        constant.push(mutant.id);
                        continue;
                    }
                }
            }
        };
        let end = text.len() - range.end;
        let site = sites.entry((range.start, end, rank)).or_insert_with(|| Site {
            range,
            rank,
            mutants: Vec::new(),
        });
        let alternative = splice(text, &site.range, &mutant.span, &mutant.replacement);
        let parses = match rank {
            Rank::Expression => syn::parse_str::<syn::Expr>(&alternative).is_ok(),
            Rank::Body => {
                syn::parse_str::<syn::Expr>(&format!("{{ return {}; }}", mutant.replacement)).is_ok()
            }
            Rank::Arm | Rank::Guard => true,
        };
        if parses {
            site.mutants.push((mutant.id, alternative));
        } else {
            unviable.push(mutant.id);
        }
    }
    let in_const_fn = mutants
        .iter()
        .filter(|mutant| spans.const_fns.iter().any(|body| body.contains(&mutant.span.start)))
        .map(|mutant| mutant.id)
        .collect();
    let sites: Vec<Site> = sites.into_values().filter(|site| !site.mutants.is_empty()).collect();
    let mut out = String::new();
    render(text, 0..text.len(), &sites, &spans, &mut out);
    Ok(Rewritten { text: out, unviable, constant, in_const_fn })
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Body,
    Arm,
    Guard,
    Expression,
}

struct Site {
    range: Range<usize>,
    rank: Rank,
    mutants: Vec<(u32, String)>,
}

fn splice(text: &str, range: &Range<usize>, span: &Range<usize>, replacement: &str) -> String {
    format!("{} {replacement} {}", &text[range.start..span.start], &text[span.end..range.end])
}

/// Writes `range`; `sites` are those within it, outer ones before inner ones.
fn render(text: &str, range: Range<usize>, sites: &[Site], spans: &Spans, out: &mut String) {
    let mut at = range.start;
    let mut rest = sites;
    while let Some((site, others)) = rest.split_first() {
        let inner = others.iter().take_while(|other| other.range.start < site.range.end).count();
        let (inside, after) = others.split_at(inner);
        out.push_str(&text[at..site.range.start]);
        site.render(text, inside, spans, out);
        at = site.range.end;
        rest = after;
    }
    out.push_str(&text[at..range.end]);
}

impl Site {
    fn render(&self, text: &str, inside: &[Site], spans: &Spans, out: &mut String) {
        let first = self.mutants[0].0;
        out.push_str(&format!("/*[{first}*/"));
        match self.rank {
            Rank::Body => {
                for (id, replacement) in &self.mutants {
                    out.push_str(&format!(
                        "if crate::mutation::on({id}) {{ return /*<{id}*/{replacement}/*{id}>*/; }}\n"
                    ));
                }
                render(text, self.range.clone(), inside, spans, out);
            }
            Rank::Guard | Rank::Expression => {
                out.push('(');
                for (id, alternative) in &self.mutants {
                    out.push_str(&format!(
                        "if crate::mutation::on({id}) {{ /*<{id}*/{alternative}/*{id}>*/ }} else "
                    ));
                }
                out.push_str("{ ");
                render(text, self.range.clone(), inside, spans, out);
                out.push_str(" })");
            }
            Rank::Arm => {
                let arm = spans.arms.get(&self.range.start);
                let pattern = arm.map_or(self.range.start, |arm| arm.pattern);
                let guard = arm.and_then(|arm| arm.guard);
                render(text, self.range.start..pattern, &[], spans, out);
                out.push_str(&format!(" if !crate::mutation::on({first}) /*<{first}*//*{first}>*/"));
                match guard {
                    Some(guard) => {
                        out.push_str(" && ");
                        render(text, guard..self.range.end, inside, spans, out);
                    }
                    None => render(text, pattern..self.range.end, inside, spans, out),
                }
            }
        }
        out.push_str(&format!("/*{first}]*/"));
    }
}

/// The expressions around operators and fields, and the parts of match arms.
#[derive(Default)]
struct Spans {
    /// By kind and by where the operator or field starts.
    expressions: BTreeMap<(u8, usize), Range<usize>>,
    /// By where the arm starts.
    arms: BTreeMap<usize, Arm>,
    /// Bodies of functions that the compiler may run.
    const_fns: Vec<Range<usize>>,
}

struct Arm {
    /// End of its pattern.
    pattern: usize,
    /// Start of its guard's condition.
    guard: Option<usize>,
}

impl Spans {
    fn expression(&mut self, genre: Genre, at: Span, whole: Span) {
        self.expressions.insert((genre as u8, at.byte_range().start), whole.byte_range());
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        if signature.constness.is_some() {
            self.const_fns.push(body.span().byte_range());
        }
    }
}

impl<'ast> Visit<'ast> for Spans {
    fn visit_expr_binary(&mut self, node: &'ast syn::ExprBinary) {
        self.expression(Genre::BinaryOperator, node.op.span(), node.span());
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast syn::ExprUnary) {
        self.expression(Genre::UnaryOperator, node.op.span(), node.span());
        visit::visit_expr_unary(self, node);
    }

    fn visit_expr_struct(&mut self, node: &'ast syn::ExprStruct) {
        for field in &node.fields {
            self.expression(Genre::StructField, field.span(), node.span());
        }
        visit::visit_expr_struct(self, node);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        let guard = node.guard.as_ref().map(|(_, guard)| guard.span().byte_range().start);
        let arm = Arm { pattern: node.pat.span().byte_range().end, guard };
        self.arms.insert(node.span().byte_range().start, arm);
        visit::visit_arm(self, node);
    }

    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.function(&node.sig, &node.block);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.function(&node.sig, &node.block);
        visit::visit_impl_item_fn(self, node);
    }

    // Constants, types and array lengths are computed by the compiler, where no switch works. Patterns are no
    // expressions.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_variant(&mut self, _: &'ast syn::Variant) {}
    fn visit_expr_repeat(&mut self, node: &'ast syn::ExprRepeat) {
        self.visit_expr(&node.expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
const TWO: u32 = 1 + 1;
fn sum(a: u32, b: u32) -> u32 { a + b * TWO }
const fn kind(a: u32) -> u32 { match a { 0 if TWO > 1 => 7, 1 => 8, _ => 9 } }
";

    /// A change of the first `found` after `after`.
    fn mutant(id: u32, genre: Genre, after: &str, found: &str, replacement: &str) -> Mutant {
        let from = SOURCE.find(after).expect("it is there");
        let at = from + SOURCE[from..].find(found).expect("it is there");
        let (package, file, name) = (String::new(), String::new(), String::new());
        Mutant { id, package, file, name, genre, replacement: replacement.into(), span: at..at + found.len() }
    }

    fn rewritten(mutants: &[Mutant]) -> Rewritten {
        let mutants: Vec<&Mutant> = mutants.iter().collect();
        let rewritten = rewrite(SOURCE, &mutants).expect("it parses");
        syn::parse_file(&rewritten.text).expect("it still does");
        rewritten
    }

    fn line<'a>(rewritten: &'a Rewritten, start: &str) -> &'a str {
        rewritten.text.lines().find(|line| line.starts_with(start)).expect("the line stays")
    }

    #[test]
    fn only_what_is_in_force_by_default_holds_further_changes() {
        let changes = rewritten(&[
            mutant(1, Genre::BinaryOperator, "a + b", "+", "-"),
            mutant(2, Genre::BinaryOperator, "* TWO", "*", "/"),
        ]);
        let expected = "fn sum(a: u32, b: u32) -> u32 { /*[1*/(if crate::mutation::on(1) { /*<1*/a  -  b * TWO/*1>*/ } else { \
a + /*[2*/(if crate::mutation::on(2) { /*<2*/b  /  TWO/*2>*/ } else { b * TWO })/*2]*/ })/*1]*/ }";
        assert_eq!(line(&changes, "fn sum"), expected);
    }

    #[test]
    fn values_guards_and_arms_are_switched() {
        let changes = rewritten(&[
            mutant(1, Genre::FnValue, "a + b", "a + b * TWO", "0"),
            mutant(2, Genre::MatchArmGuard, "TWO > 1", "TWO > 1", "true"),
            mutant(3, Genre::MatchArm, "1 => 8", "1 => 8,", ""),
        ]);
        let body = line(&changes, "fn sum");
        assert!(body.contains("{ /*[1*/if crate::mutation::on(1) { return /*<1*/ 0 /*1>*/; }"), "{body}");
        let arms = line(&changes, "const fn");
        assert!(
            arms.contains("0 if /*[2*/(if crate::mutation::on(2) { /*<2*/ true /*2>*/ } else { TWO > 1 })"),
            "{arms}"
        );
        assert!(arms.contains("1 if !crate::mutation::on(3) /*<3*//*3>*/ => 8,"), "{arms}");
        assert_eq!(changes.in_const_fn, [2, 3]);
    }

    #[test]
    fn constants_are_left_alone() {
        let changes = rewritten(&[mutant(1, Genre::BinaryOperator, "1 + 1", "+", "-")]);
        assert_eq!((changes.text.as_str(), changes.constant), (SOURCE, vec![1]));
    }
}
