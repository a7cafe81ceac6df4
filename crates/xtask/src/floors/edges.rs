//! The floors that are about dependencies.

use super::Finding;
use super::graph::{Graph, Kind, Member, Resolved};
use super::rules::{
    FEATURES_OFF, MAY_IMPORT, NEEDED_ONLY_BY, NOT_IN_DOMAIN, NOWHERE, OWNED, Owned, TESTS_ONLY,
};

/// Everything that is wrong with the graph.
pub(crate) fn check(graph: &Graph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &graph.members {
        imports(member, &mut findings);
        owners(member, &mut findings);
        if member.name == "kith-domain" {
            domain(member, &mut findings);
        }
    }
    for package in &graph.resolved {
        nowhere(package, &mut findings);
        features(package, &mut findings);
    }
    findings
}

fn imports(member: &Member, findings: &mut Vec<Finding>) {
    let Some((_, may)) = MAY_IMPORT.iter().find(|(name, _)| *name == member.name) else {
        findings.push(Finding::new(
            format!("`{}` is in no row of the table of imports", member.name),
            "Give it a row in crates/xtask/src/floors/rules.rs and in deny.toml.",
        ));
        return;
    };
    for edge in &member.edges {
        let ours = MAY_IMPORT.iter().any(|(name, _)| *name == edge.to);
        if ours && edge.to != member.name && !may.contains(&edge.to.as_str()) {
            let allowed = if may.is_empty() { "none of ours".to_owned() } else { may.join(", ") };
            findings.push(Finding::new(
                format!(
                    "`{}` imports `{}` in {}, and may import {allowed}",
                    member.name,
                    edge.to,
                    edge.kind.table()
                ),
                "Move what needs it to a crate that may import it, or a test of it to `tests/`.",
            ));
        }
    }
}

fn owners(member: &Member, findings: &mut Vec<Finding>) {
    for edge in &member.edges {
        let Some(owned) = OWNED.iter().find(|owned| owned.library == edge.to) else { continue };
        let Owned { library, owners, at_build, reason } = owned;
        let name = member.name.as_str();
        if owners.contains(&name) || (edge.kind == Kind::Build && at_build.contains(&name)) {
            continue;
        }
        findings.push(Finding::new(
            format!("`{name}` depends on `{library}` in {}", edge.kind.table()),
            format!(
                "{reason} Ask for what you need from {}, and take the line out.",
                owners.join(" or ")
            ),
        ));
    }
}

fn domain(member: &Member, findings: &mut Vec<Finding>) {
    for edge in member.edges.iter().filter(|edge| edge.kind == Kind::Normal) {
        if NOT_IN_DOMAIN.contains(&edge.to.as_str()) {
            findings.push(Finding::new(
                format!("`kith-domain` depends on `{}`", edge.to),
                "The domain has no I/O, no async, no clock and no chance: take the value as a \
                 parameter.",
            ));
        }
    }
}

fn nowhere(package: &Resolved, findings: &mut Vec<Finding>) {
    let by = package.needed_by.join(", ");
    if let Some((name, reason)) = NOWHERE.iter().find(|(name, _)| *name == package.name) {
        findings.push(Finding::new(
            format!("`{name}` is in the tree, brought by {by}"),
            format!("{reason} Turn off the feature that brings it (`cargo tree -i {name}`)."),
        ));
    }
    if let Some((name, only)) = NEEDED_ONLY_BY.iter().find(|(name, _)| *name == package.name) {
        for other in package.needed_by.iter().filter(|by| !only.contains(&by.as_str())) {
            findings.push(Finding::new(
                format!("`{other}` depends on `{name}`"),
                format!("`{name}` is there for {} alone.", only.join(" and ")),
            ));
        }
    }
}

fn features(package: &Resolved, findings: &mut Vec<Finding>) {
    for (name, feature, reason) in FEATURES_OFF {
        if package.name == *name && package.features.iter().any(|on| on == feature) {
            findings.push(Finding::new(
                format!("`{name}` is built with its feature `{feature}`"),
                format!("{reason} Turn it off (`cargo tree -e features -i {name}`)."),
            ));
        }
    }
}

/// Looks for the tests' feature in what `cargo tree --prefix none --format '{p} [{f}]'` printed
/// of the binary.
pub(crate) fn tests_only(tree: &str) -> Vec<Finding> {
    let (binary, package, feature) = TESTS_ONLY;
    let on = tree
        .lines()
        .filter(|line| line.split(' ').next() == Some(package))
        .filter_map(|line| line.rsplit_once('[')?.1.split_once(']').map(|(features, _)| features))
        .any(|features| features.split(',').any(|on| on == feature));
    if on {
        vec![Finding::new(
            format!("`{binary}` is built with `{package}`'s feature `{feature}`"),
            "It is for tests: name the feature in [dev-dependencies] or in `tests/` only.",
        )]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::Edge;
    use super::*;

    fn member(name: &str, edges: &[(&str, Kind)]) -> Member {
        Member {
            name: name.to_owned(),
            edges: edges
                .iter()
                .map(|(to, kind)| Edge { to: (*to).to_owned(), kind: *kind })
                .collect(),
        }
    }

    fn with_edge(name: &str, to: &str, kind: Kind) -> Graph {
        Graph { members: vec![member(name, &[(to, kind)])], resolved: Vec::new() }
    }

    fn with_package(name: &str, features: &[&str], needed_by: &[&str]) -> Graph {
        Graph {
            members: Vec::new(),
            resolved: vec![Resolved {
                name: name.to_owned(),
                features: features.iter().map(ToString::to_string).collect(),
                needed_by: needed_by.iter().map(ToString::to_string).collect(),
            }],
        }
    }

    /// The planted fault is the only one found, and the message names each of `words`.
    #[track_caller]
    fn caught(graph: &Graph, words: &[&str]) {
        let findings = check(graph);
        assert_eq!(findings.len(), 1, "{findings:?}");
        let said = findings[0].to_string();
        for word in words {
            assert!(said.contains(word), "{said:?} does not say {word:?}");
        }
    }

    #[test]
    fn the_house_as_designed_has_no_findings() {
        let members = MAY_IMPORT
            .iter()
            .map(|(name, may)| {
                let mut edges: Vec<_> = may.iter().map(|to| (*to, Kind::Normal)).collect();
                for owned in OWNED.iter().filter(|owned| owned.owners.contains(name)) {
                    edges.push((owned.library, Kind::Normal));
                }
                for owned in OWNED.iter().filter(|owned| owned.at_build.contains(name)) {
                    edges.push((owned.library, Kind::Build));
                }
                member(name, &edges)
            })
            .collect();
        let resolved = with_package("ring", &[], &["rustls", "rustls-webpki"]).resolved;
        assert!(check(&Graph { members, resolved }).is_empty());
    }

    #[test]
    fn every_owned_library_is_caught_in_every_other_crate() {
        for owned in OWNED {
            for (name, _) in MAY_IMPORT {
                for kind in [Kind::Normal, Kind::Dev, Kind::Build] {
                    let allowed = owned.owners.contains(name)
                        || (kind == Kind::Build && owned.at_build.contains(name));
                    let domain = *name == "kith-domain"
                        && kind == Kind::Normal
                        && NOT_IN_DOMAIN.contains(&owned.library);
                    let found = check(&with_edge(name, owned.library, kind)).len();
                    let expected = usize::from(!allowed) + usize::from(domain);
                    assert_eq!(found, expected, "{name} {} {kind:?}", owned.library);
                }
            }
        }
    }

    #[test]
    fn the_message_names_edge_reason_and_remedy() {
        caught(
            &with_edge("kith-web", "casbin", Kind::Normal),
            &["`kith-web`", "`casbin`", "[dependencies]", "one place", "kith-policy"],
        );
        caught(
            &with_edge("kith-web", "kith-store", Kind::Dev),
            &["`kith-web`", "`kith-store`", "[dev-dependencies]", "kith-domain, kith-app"],
        );
    }

    #[test]
    fn hashing_belongs_to_the_vault_but_for_the_names_of_files() {
        assert!(check(&with_edge("kith-web", "sha2", Kind::Build)).is_empty());
        caught(&with_edge("kith-web", "sha2", Kind::Normal), &["`sha2`", "kith-vault"]);
        caught(&with_edge("kith-mail", "sha2", Kind::Build), &["`sha2`"]);
    }

    #[test]
    fn every_import_outside_the_table_is_caught() {
        for (name, may) in MAY_IMPORT {
            for (other, _) in MAY_IMPORT {
                let expected = usize::from(name != other && !may.contains(other));
                let found = check(&with_edge(name, other, Kind::Normal)).len();
                assert_eq!(found, expected, "{name} -> {other}");
            }
        }
    }

    #[test]
    fn arrows_of_the_design_stand() {
        for (from, to) in [
            ("kith-web", "kith-store"),
            ("kith-web", "kith-vault"),
            ("kith-web", "kith-policy"),
            ("kith-scheduler", "kith-store"),
            ("kith-scheduler", "kith-mail"),
            ("kith-policy", "kith-vault"),
            ("kith-store", "kith-app"),
            ("kith-domain", "kith-policy"),
            ("kith-app", "kith-web"),
            ("kith-mail", "kith-store"),
            ("kith-server", "kith-tests"),
        ] {
            caught(&with_edge(from, to, Kind::Normal), &[from, to]);
        }
    }

    #[test]
    fn a_crate_in_no_row_is_caught() {
        let graph = Graph { members: vec![member("kith-extra", &[])], resolved: Vec::new() };
        caught(&graph, &["`kith-extra`", "rules.rs", "deny.toml"]);
    }

    #[test]
    fn the_domain_needs_no_runtime() {
        caught(&with_edge("kith-domain", "tokio", Kind::Normal), &["`tokio`", "parameter"]);
    }

    #[test]
    fn what_may_be_nowhere_is_caught_with_who_brings_it() {
        for (name, _) in NOWHERE {
            caught(&with_package(name, &[], &["some-client"]), &[name, "some-client"]);
        }
        caught(&with_package("ring", &[], &["rustls", "jwt"]), &["`jwt`", "`ring`"]);
    }

    #[test]
    fn features_that_must_stay_off_are_caught() {
        for (name, feature, _) in FEATURES_OFF {
            caught(&with_package(name, &["default", feature], &[]), &[name, feature]);
            assert!(check(&with_package(name, &["default"], &[])).is_empty());
        }
    }

    #[test]
    fn the_feature_of_tests_is_caught_in_the_binary() {
        let without = "kith-server v0.1.0 (kith) []\nkith-policy v0.1.0 (kith) [default]\n\
                       kith-policy-like v0.1.0 [testkit]\n";
        assert!(tests_only(without).is_empty());
        let with = "kith-server v0.1.0 (kith) []\nkith-policy v0.1.0 (kith) [default,testkit] (*)";
        assert_eq!(tests_only(with).len(), 1);
    }
}
