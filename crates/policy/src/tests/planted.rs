//! Every way in which casbin would answer other than the rules read, planted: each must refuse the
//! start.

use crate::model::ModelFault;
use crate::rows::{self, RowFault};
use crate::space::{State, Sure, Who};
use crate::table::{LoadError, Table};
use crate::tables::{SHIPPED, Tables, Text};

const WHO: Text<'static> = SHIPPED.who;
const RULE: &str = "p, 301, friend, identity, disclose, live, *, allow";

async fn who(model: &str, rules: &str) -> LoadError {
    Table::<Who>::build(model, rules).await.expect_err("the start should be refused")
}

async fn row_fault(rules: &str) -> RowFault {
    match who(WHO.model, rules).await {
        LoadError::Row { fault, .. } => fault,
        other => panic!("{other}"),
    }
}

async fn model_fault(from: &str, to: &str) -> ModelFault {
    let model = WHO.model.replacen(from, to, 1);
    assert_ne!(model, WHO.model, "nothing was planted");
    match who(&model, WHO.rules).await {
        LoadError::Model { fault, .. } => fault,
        other => panic!("{other}"),
    }
}

fn instead_of(rule: &str) -> String {
    let rules = WHO.rules.replacen(RULE, rule, 1);
    assert_ne!(rules, WHO.rules, "nothing was planted");
    rules
}

#[tokio::test]
async fn a_table_without_rules_is_refused() {
    for rules in ["", "\n\n", "# p, 1, friend, rota, disclose, live, *, allow\n"] {
        assert!(matches!(who(WHO.model, rules).await, LoadError::NoRules { table: "who" }));
    }
}

#[tokio::test]
async fn a_misspelt_effect_is_refused() {
    for effect in ["dney", "Deny", "ALLOW", "", "\"allow\"", "allow;"] {
        let rule = format!("p, 301, friend, identity, disclose, live, *, {effect}");
        assert_eq!(row_fault(&instead_of(&rule)).await, RowFault::Effect, "{effect}");
    }
}

#[tokio::test]
async fn a_comment_inside_a_rule_is_refused() {
    for rule in [
        "p, 301, friend, identity, disclose, live, *, deny # for now",
        "p, 301, friend, identity, disclose, live, *, allow#",
        "p, 301, friend, identity # first name, disclose, live, *, allow",
    ] {
        assert_eq!(row_fault(&instead_of(rule)).await, RowFault::Comment, "{rule}");
    }
}

#[tokio::test]
async fn a_missing_or_extra_column_is_refused() {
    for (rule, found) in [
        ("p, 301, friend, identity, disclose, live, allow", 7),
        ("p, 301, friend, identity, disclose, live, *, *, allow", 9),
        ("p, 301, friend, identity, disclose, live, *, allow,", 9),
        ("p", 1),
        ("p, 301", 2),
    ] {
        assert_eq!(
            row_fault(&instead_of(rule)).await,
            RowFault::Arity { expected: 8, found },
            "{rule}"
        );
    }
}

#[tokio::test]
async fn another_kind_of_line_is_refused() {
    for kind in ["q", "g", "p2", "P", ""] {
        let rule = format!("{kind}, 301, friend, identity, disclose, live, *, allow");
        assert_eq!(row_fault(&instead_of(&rule)).await, RowFault::Kind, "{kind}");
    }
}

#[tokio::test]
async fn an_unknown_word_is_refused_in_every_column() {
    for (rule, column) in [
        ("p, 301, freind, identity, disclose, live, *, allow", "standing"),
        ("p, 301, Friend, identity, disclose, live, *, allow", "standing"),
        ("p, 301, , identity, disclose, live, *, allow", "standing"),
        ("p, 301, friend, name, disclose, live, *, allow", "category"),
        ("p, 301, friend, **, disclose, live, *, allow", "category"),
        ("p, 301, friend, identity, read, live, *, allow", "action"),
        ("p, 301, friend, identity, disclose, granted, *, allow", "grant"),
        ("p, 301, friend, identity, disclose, live, yes, allow", "window"),
        // The lack of a grant or of a window is no reason to allow or to refuse anything.
        ("p, 301, friend, identity, disclose, none, *, allow", "grant"),
        ("p, 301, friend, identity, disclose, live, shut, allow", "window"),
    ] {
        assert_eq!(row_fault(&instead_of(rule)).await, RowFault::Word { column }, "{rule}");
    }
    let sure = |rule| rows::parse::<Sure>(rule).expect_err("refused").1;
    assert_eq!(sure("p, 1, *, care, disclose, allow"), RowFault::Word { column: "tier" });
    assert_eq!(sure("p, 1, sure, care, disclose, allow"), RowFault::Word { column: "tier" });
    let state = |rule| rows::parse::<State>(rule).expect_err("refused").1;
    assert_eq!(
        state("p, 1, resting, friend, care, disclose, allow"),
        RowFault::Word { column: "state" }
    );
}

#[tokio::test]
async fn a_rule_number_is_a_number_and_used_once() {
    for number in ["", "0", "-1", "3.1", "65536", "one"] {
        let rule = format!("p, {number}, friend, identity, disclose, live, *, allow");
        assert_eq!(row_fault(&instead_of(&rule)).await, RowFault::Number, "{number}");
    }
    let twice = instead_of("p, 302, friend, identity, disclose, live, *, allow");
    assert_eq!(row_fault(&twice).await, RowFault::NumberTwice);
}

#[tokio::test]
async fn a_rule_written_twice_is_refused_even_with_the_other_effect() {
    for effect in ["allow", "deny"] {
        let rules = format!("{}p,9,friend,identity,disclose,live,*,{effect}\n", WHO.rules);
        assert_eq!(row_fault(&rules).await, RowFault::Twice);
    }
}

#[tokio::test]
async fn a_fault_names_its_line() {
    let Err((line, fault)) =
        rows::parse::<Who>("# one\n\np, 1, friend, rota, disclose, live, *, no")
    else {
        panic!("not refused")
    };
    assert_eq!((line, fault), (3, RowFault::Effect));
}

#[tokio::test]
async fn a_rule_that_decides_nothing_is_refused() {
    for (rule, number) in [
        // The pair does not exist.
        ("p, 9, friend, rota, erase, *, *, allow", 9),
        // Other rules have said it already.
        ("p, 9, patient, care, disclose, live, *, allow", 9),
    ] {
        let rules = format!("{}{rule}\n", WHO.rules);
        match who(WHO.model, &rules).await {
            LoadError::Dead { table: "who", rule } => assert_eq!(rule.0, number),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn an_effect_spelt_otherwise_is_refused() {
    let effect = "e = some(where (p.eft == allow)) && !some(where (p.eft == deny))";
    for other in [
        // casbin panics at the first question.
        "e = some(where (p.eft==allow)) && !some(where (p.eft==deny))",
        // casbin allows when no rule speaks.
        "e = !some(where (p.eft == deny))",
        // casbin does not look at a deny.
        "e = some(where (p.eft == allow))",
        "e = priority(p.eft) || deny",
    ] {
        assert_eq!(model_fault(effect, other).await, ModelFault::Effect, "{other}");
    }
}

#[tokio::test]
async fn a_negation_in_a_matcher_is_refused() {
    for other in [
        "(r.standing != p.standing)",
        "!(r.standing == p.standing)",
        "(p.standing == \"*\" || r.standing == p.standing) && !(r.category in r.grant)",
    ] {
        let fault = model_fault("(p.standing == \"*\" || r.standing == p.standing)", other).await;
        assert_eq!(fault, ModelFault::Negation, "{other}");
    }
}

#[tokio::test]
async fn a_matcher_of_another_form_is_refused() {
    for other in [
        "true",
        "(r.standing == \"patient\")",
        "(p.standing == \"*\" || r.standng == p.standing)",
        "(p.standing == \"*\" || r.standing == p.category)",
        "(p.standing == \"*\" || r.standing == p.standing || r.shared.standing == p.standing)",
        "eval(p.rule)",
        "g(r.standing, p.standing)",
        "",
    ] {
        let fault = model_fault("(p.standing == \"*\" || r.standing == p.standing)", other).await;
        assert_eq!(fault, ModelFault::Matcher, "{other}");
    }
}

#[tokio::test]
async fn a_column_left_out_of_a_matcher_is_refused() {
    let fault = model_fault("(p.grant == \"*\" || r.grant == p.grant) && \\\n", "").await;
    assert_eq!(fault, ModelFault::Incomplete);
}

#[tokio::test]
async fn definitions_in_another_order_are_refused() {
    for (from, to) in [
        ("r = standing, category,", "r = category, standing,"),
        ("r = standing, category, action, grant, window", "r = standing, category, action, grant"),
        ("p = rule, standing, category,", "p = rule, category, standing,"),
        ("p = rule, standing", "p = standing"),
    ] {
        assert_eq!(model_fault(from, to).await, ModelFault::Columns, "{to}");
    }
}

#[tokio::test]
async fn a_line_too_many_in_a_model_is_refused() {
    for (from, to) in [
        ("[matchers]", "[matchers]\nm=true"),
        ("[matchers]", "[role_definition]\ng = _, _\n[matchers]"),
        ("[policy_effect]\n", ""),
    ] {
        assert_eq!(model_fault(from, to).await, ModelFault::Sections, "{to}");
    }
}

/// Behind the check of the text stands the comparison of every answer. These models get past the
/// first on purpose.
#[tokio::test]
async fn an_answer_of_casbin_that_the_rules_do_not_give_is_refused() {
    let rows = rows::parse::<Who>(WHO.rules).unwrap();
    for (from, to) in [
        // Without p: casbin allows without looking at a rule.
        ("(p.standing == \"*\" || r.standing == p.standing)", "true || true"),
        // Rules for a live grant hold without one.
        ("(p.grant == \"*\" || r.grant == p.grant) && \\\n", ""),
        ("(p.grant == \"*\" || r.grant == p.grant)", "(r.grant != p.window)"),
        ("r = standing, category,", "r = category, standing,"),
    ] {
        let model = WHO.model.replacen(from, to, 1);
        assert_ne!(model, WHO.model, "nothing was planted");
        let error = Table::<Who>::ask_casbin(&model, &rows).await.expect_err("refused");
        assert!(matches!(error, LoadError::Disagree { .. }), "{to}: {error}");
    }
}

#[tokio::test]
async fn a_question_that_casbin_cannot_answer_is_refused() {
    let rows = rows::parse::<Who>(WHO.rules).unwrap();
    for (from, to) in [
        // A word too few in the request, and a syntax error.
        ("r = standing, category, action, grant, window", "r = standing, category, action, grant"),
        ("m = (p.standing", "m = ((p.standing"),
        // A name that no rule has.
        ("r.grant == p.grant", "r.grant == p.grantt"),
    ] {
        let model = WHO.model.replacen(from, to, 1);
        assert_ne!(model, WHO.model, "nothing was planted");
        let error = Table::<Who>::ask_casbin(&model, &rows).await.expect_err("refused");
        assert!(matches!(error, LoadError::Casbin { .. }), "{to}: {error}");
    }
}

/// Well-made rules that give away what must not be given: the invariants refuse the start.
#[tokio::test]
async fn rules_that_break_an_invariant_are_refused() {
    let who = |rule: &'static str| ("who", rule);
    let sure = |rule: &'static str| ("sure", rule);
    let state = |rule: &'static str| ("state", rule);
    let planted = [
        who("p, 9, carer, care, disclose, *, *, allow"),
        who("p, 9, friend, address, *, *, *, allow"),
        who("p, 9, *, identity, disclose, live, *, allow"),
        who("p, 9, coordinator, news, disclose, live, *, allow"),
        who("p, 9, administrator, rota, disclose, live, *, allow"),
        who("p, 9, job, task, disclose, *, *, allow"),
        who("p, 9, invited, people, disclose, *, *, allow"),
        who("p, 9, invited, identity, disclose, live, *, allow"),
        who("p, 9, left, news, disclose, live, *, allow"),
        who("p, 9, left, slot, disclose, *, *, allow"),
        who("p, 9, stranger, oversight, list, *, *, allow"),
        who("p, 9, helper, address, disclose, *, open, allow"),
        who("p, 9, friend, news, disclose, *, open, allow"),
        who("p, 9, volunteer, rota, disclose, *, open, allow"),
        who("p, 9, friend, task, amend, live, *, allow"),
        who("p, 9, friend, people, name, live, *, allow"),
        who("p, 9, coordinator, people, remove, *, *, allow"),
        who("p, 9, job, slot, answer, *, *, allow"),
        who("p, 9, job, oversight, list, *, *, allow"),
        // A deny that ends with a grant would make the loss of the grant a gain.
        who("p, 9, patient, care, amend, live, *, deny"),
        sure("p, 9, trusted, care, disclose, allow"),
        sure("p, 9, signed_in, entry, amend, allow"),
        sure("p, 9, link, rota, disclose, allow"),
        sure("p, 9, signed_in, news, contribute, allow"),
        sure("p, 9, trusted, people, name, allow"),
        sure("p, 9, trusted, contact, erase, allow"),
        // A deny at one tier holds at the later ones: what was allowed below is lost above.
        sure("p, 9, trusted, slot, take, deny"),
        state("p, 9, frozen, carer, people, list, allow"),
        state("p, 9, frozen, patient, news, amend, allow"),
        state("p, 9, frozen, coordinator, oversight, disclose, allow"),
        state("p, 9, restricted, patient, *, disclose, allow"),
        state("p, 9, erased, patient, identity, disclose, allow"),
        state("p, 9, ending, patient, slot, ask, allow"),
        state("p, 9, ending, carer, news, amend, allow"),
        state("p, 9, ending, carer, people, erase, allow"),
        state("p, 9, ending, job, introduction, disclose, allow"),
        state("p, 9, ending, job, slot, disclose, allow"),
        state("p, 9, active, oneself, contact, disclose, allow"),
        state("p, 9, no_circle, patient, identity, disclose, allow"),
    ];
    let mut accepted = Vec::new();
    for (table, rule) in planted {
        let mut texts = SHIPPED;
        let text: &mut Text<'_> = match table {
            "who" => &mut texts.who,
            "sure" => &mut texts.sure,
            _ => &mut texts.state,
        };
        let rules = format!("{}{rule}\n", text.rules);
        text.rules = &rules;
        match Tables::from_texts(texts).await {
            Err(LoadError::Broken { .. }) => {}
            other => accepted.push((rule, other.err())),
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
}
