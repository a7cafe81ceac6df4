//! What depends on what, reduced to the facts the floors are about.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Metadata};

/// How a package needs another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[dependencies]`: ends up in the binary.
    Normal,
    /// `[build-dependencies]`: runs while building.
    Build,
    /// `[dev-dependencies]`: tests, benches and examples only.
    Dev,
}

impl Kind {
    /// The table of Cargo.toml that holds such a dependency.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Normal => "[dependencies]",
            Self::Build => "[build-dependencies]",
            Self::Dev => "[dev-dependencies]",
        }
    }
}

/// One direct dependency of a member.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// The package needed, under its own name even where it is renamed.
    pub(crate) to: String,
    /// From which table.
    pub(crate) kind: Kind,
}

/// One package of this workspace.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Its package name.
    pub(crate) name: String,
    /// What it asks for by itself.
    pub(crate) edges: Vec<Edge>,
}

/// One package of the resolved graph, ours or somebody else's.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// Its package name.
    pub(crate) name: String,
    /// The features that are on.
    pub(crate) features: Vec<String>,
    /// Names of the packages that need it.
    pub(crate) needed_by: Vec<String>,
}

/// The members and everything they bring.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    /// Packages of this workspace.
    pub(crate) members: Vec<Member>,
    /// Everything that was resolved for this platform.
    pub(crate) resolved: Vec<Resolved>,
}

impl Graph {
    /// Reads the graph out of what `cargo metadata` printed.
    pub(crate) fn from_metadata(metadata: &Metadata) -> Self {
        let members = metadata
            .workspace_packages()
            .into_iter()
            .map(|package| Member {
                name: package.name.to_string(),
                edges: package
                    .dependencies
                    .iter()
                    .map(|dependency| Edge {
                        to: dependency.name.clone(),
                        kind: match dependency.kind {
                            DependencyKind::Build => Kind::Build,
                            DependencyKind::Development => Kind::Dev,
                            _ => Kind::Normal,
                        },
                    })
                    .collect(),
            })
            .collect();
        Self { members, resolved: resolved(metadata) }
    }
}

fn resolved(metadata: &Metadata) -> Vec<Resolved> {
    let names: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
    let nodes = metadata.resolve.as_ref().map_or(&[][..], |resolve| &resolve.nodes);
    let mut needed_by: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for node in nodes {
        for dependency in &node.dependencies {
            let by = names.get(&node.id).cloned().unwrap_or_default();
            needed_by.entry(dependency).or_default().push(by);
        }
    }
    nodes
        .iter()
        .map(|node| Resolved {
            name: names.get(&node.id).cloned().unwrap_or_default(),
            features: node.features.iter().map(ToString::to_string).collect(),
            needed_by: needed_by.get(&node.id).cloned().unwrap_or_default(),
        })
        .collect()
}
