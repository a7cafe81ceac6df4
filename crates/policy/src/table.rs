//! One table: casbin is asked about every cell once, and the answers are kept in an array.

use core::fmt;
use core::marker::PhantomData;

use casbin::{CoreApi as _, DefaultModel, Enforcer, StringAdapter};

use crate::model::{self, ModelFault};
use crate::rows::{self, Row, RowFault};
use crate::space::Space;
use crate::verdict::RuleId;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A rule that cannot be read.
    #[error("{table}.csv, line {line}: {fault}")]
    Row {
        /// The table.
        table: &'static str,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        fault: RowFault,
    },
    /// Without a rule casbin would answer on the model alone.
    #[error("{table}.csv: no rule")]
    NoRules {
        /// The table.
        table: &'static str,
    },
    /// A model that cannot be trusted.
    #[error("{table}.conf: {fault}")]
    Model {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        fault: ModelFault,
    },
    /// casbin does not load the files, or does not answer a cell.
    #[error("{table}: casbin cannot answer {cell}")]
    Casbin {
        /// The table.
        table: &'static str,
        /// The cell in words.
        cell: String,
        /// What casbin says.
        source: Box<casbin::Error>,
    },
    /// casbin and our own reading of the same rules answer a cell differently.
    #[error("{table}: casbin and the rules as we read them disagree on {cell}")]
    Disagree {
        /// The table.
        table: &'static str,
        /// The cell in words.
        cell: String,
    },
    /// A rule that decides nothing: a mistake, or left over.
    #[error("{table}.csv: rule {rule} decides nothing")]
    Dead {
        /// The table.
        table: &'static str,
        /// The rule.
        rule: RuleId,
    },
    /// The tables are well made but allow what must never be allowed.
    #[error("the tables break \"{says}\" at {cell}")]
    Broken {
        /// The invariant.
        says: &'static str,
        /// The combination in words.
        cell: String,
    },
    /// An invariant that no combination concerns proves nothing.
    #[error("no combination concerns \"{says}\"")]
    Vacuous {
        /// The invariant.
        says: &'static str,
    },
}

/// One answer. Without a rule it is a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) allowed: bool,
    pub(crate) rule: Option<RuleId>,
}

/// The finished answers of one table.
pub(crate) struct Table<S> {
    /// By [`Space::index`]. Cells of pairs that do not exist stay refusals without a rule.
    cells: Box<[Cell]>,
    /// How many cells casbin was asked about.
    pub(crate) asked: usize,
    /// How many rules there are.
    pub(crate) rules: usize,
    space: PhantomData<fn() -> S>,
}

impl<S: Space> Table<S> {
    /// Reads the rules, asks casbin about every cell, and compares each answer with our own reading
    /// of the rules. Any doubt is an error.
    ///
    /// The enforcer never leaves this function: one that lived on could be switched off.
    pub(crate) async fn build(model: &str, rules: &str) -> Result<Self, LoadError> {
        let table = S::NAME;
        model::check::<S>(model).map_err(|fault| LoadError::Model { table, fault })?;
        let rows = rows::parse::<S>(rules).map_err(|(line, fault)| LoadError::Row {
            table,
            line,
            fault,
        })?;
        if rows.is_empty() {
            return Err(LoadError::NoRules { table });
        }

        let cells = Self::ask_casbin(model, &rows).await?;
        refuse_dead(table, &rows, &cells)?;
        Ok(Self { cells, asked: S::all().count(), rules: rows.len(), space: PhantomData })
    }

    /// Asks casbin about every cell, and compares each answer with our own reading of `rows`.
    ///
    /// Time follows the number of rules, so casbin is given only those whose first column fits the
    /// question: the model was checked to compare every column, so that no other could match. The
    /// enforcers never leave this function: one that lived on could be switched off.
    pub(crate) async fn ask_casbin(model: &str, rows: &[Row]) -> Result<Box<[Cell]>, LoadError> {
        let table = S::NAME;
        let mut cells = vec![Cell::default(); S::CELLS].into_boxed_slice();
        let mut fitting: Option<(u32, Enforcer)> = None;
        for request in S::all() {
            let casbin = |source| LoadError::Casbin {
                table,
                cell: request.words(),
                source: Box::new(source),
            };
            let [first, ..] = request.masks();
            let enforcer = match fitting.take() {
                Some((same, enforcer)) if same == first => enforcer,
                _ => enforcer(model, rows, first).await.map_err(casbin)?,
            };
            let allowed = request.ask(&enforcer).map_err(casbin)?;
            let ours = rows::deciding(rows, request);
            if allowed != ours.allowed {
                return Err(LoadError::Disagree { table, cell: request.words() });
            }
            if let Some(cell) = cells.get_mut(request.index()) {
                *cell = ours;
            }
            fitting = Some((first, enforcer));
        }
        Ok(cells)
    }

    /// A table as we read `rows`, without casbin.
    #[cfg(test)]
    pub(crate) fn from_rows(rows: &[Row]) -> Self {
        let mut cells = vec![Cell::default(); S::CELLS].into_boxed_slice();
        for request in S::all() {
            cells[request.index()] = rows::deciding(rows, request);
        }
        Self { cells, asked: 0, rules: rows.len(), space: PhantomData }
    }

    /// The answer: a lookup.
    pub(crate) fn decide(&self, request: S) -> Cell {
        self.cells.get(request.index()).copied().unwrap_or_default()
    }
}

impl<S: Space> fmt::Debug for Table<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(S::NAME)
            .field("rules", &self.rules)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

async fn enforcer(model: &str, rows: &[Row], first: u32) -> casbin::Result<Enforcer> {
    let rules: Vec<&str> =
        rows.iter().filter(|row| row.fits_first(first)).map(|row| row.line.as_str()).collect();
    let model = DefaultModel::from_str(model).await?;
    Enforcer::new(model, StringAdapter::new(rules.join("\n"))).await
}

fn refuse_dead(table: &'static str, rows: &[Row], cells: &[Cell]) -> Result<(), LoadError> {
    let dead = |row: &&Row| cells.iter().all(|cell| cell.rule != Some(row.id));
    match rows.iter().find(dead) {
        Some(row) => Err(LoadError::Dead { table, rule: row.id }),
        None => Ok(()),
    }
}
