//! Small builders shared by the migrations, so that each table reads as its list of columns.

use sea_orm_migration::prelude::*;

/// A table whose primary key is (`organisation_id`, then `key`).
pub(crate) struct NewTable {
    statement: TableCreateStatement,
    name: &'static str,
    indexes: Vec<IndexCreateStatement>,
}

fn name(text: &'static str) -> Alias {
    Alias::new(text)
}

impl NewTable {
    pub(crate) fn keyed_by(table: &'static str, key: &[&'static str]) -> Self {
        let mut statement = Table::create();
        statement.table(name(table)).col(uuid("organisation_id"));
        let mut primary = Index::create();
        primary.col(name("organisation_id"));
        for column in key {
            primary.col(name(column));
        }
        statement.primary_key(&mut primary);
        let mut new = Self { statement, name: table, indexes: Vec::new() };
        new.statement.foreign_key(
            ForeignKey::create()
                .name(format!("{table}_organisation"))
                .from(name(table), name("organisation_id"))
                .to(name("organisation"), name("id")),
        );
        new
    }

    /// A table keyed by (`organisation_id`, `id`).
    pub(crate) fn with_id(table: &'static str) -> Self {
        Self::keyed_by(table, &["id"]).col(uuid("id"))
    }

    pub(crate) fn col(mut self, column: ColumnDef) -> Self {
        self.statement.col(column);
        self
    }

    pub(crate) fn cols(mut self, columns: impl IntoIterator<Item = ColumnDef>) -> Self {
        for column in columns {
            self.statement.col(column);
        }
        self
    }

    /// (`organisation_id`, `column`) must exist in `table`.
    pub(crate) fn refers(mut self, column: &'static str, table: &'static str) -> Self {
        let from = self.name;
        self.statement.foreign_key(
            ForeignKey::create()
                .name(format!("{from}_{column}"))
                .from(name(from), (name("organisation_id"), name(column)))
                .to(name(table), (name("organisation_id"), name("id"))),
        );
        self
    }

    pub(crate) fn unique(self, columns: &[&'static str]) -> Self {
        self.index_of(columns, true)
    }

    pub(crate) fn index(self, columns: &[&'static str]) -> Self {
        self.index_of(columns, false)
    }

    fn index_of(mut self, columns: &[&'static str], unique: bool) -> Self {
        let mut index = Index::create();
        let kind = if unique { "unique" } else { "by" };
        index.name(format!("{}_{kind}_{}", self.name, columns.join("_"))).table(name(self.name));
        for column in columns {
            index.col(name(column));
        }
        if unique {
            index.unique();
        }
        self.indexes.push(index);
        self
    }

    pub(crate) async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.statement).await?;
        for index in self.indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn column(text: &'static str) -> ColumnDef {
    ColumnDef::new(name(text))
}

pub(crate) fn uuid(text: &'static str) -> ColumnDef {
    column(text).uuid().not_null().take()
}

pub(crate) fn uuid_null(text: &'static str) -> ColumnDef {
    column(text).uuid().null().take()
}

pub(crate) fn words(text: &'static str) -> ColumnDef {
    column(text).text().not_null().take()
}

pub(crate) fn words_null(text: &'static str) -> ColumnDef {
    column(text).text().null().take()
}

/// An instant: seconds since 1970 in UTC.
pub(crate) fn instant(text: &'static str) -> ColumnDef {
    column(text).big_integer().not_null().take()
}

pub(crate) fn instant_null(text: &'static str) -> ColumnDef {
    column(text).big_integer().null().take()
}

pub(crate) fn number(text: &'static str) -> ColumnDef {
    column(text).integer().not_null().take()
}

pub(crate) fn number_null(text: &'static str) -> ColumnDef {
    column(text).integer().null().take()
}

pub(crate) fn big_number(text: &'static str) -> ColumnDef {
    column(text).big_integer().not_null().take()
}

pub(crate) fn flag(text: &'static str) -> ColumnDef {
    column(text).boolean().not_null().take()
}

pub(crate) fn bytes(text: &'static str) -> ColumnDef {
    column(text).binary().not_null().take()
}

pub(crate) fn bytes_null(text: &'static str) -> ColumnDef {
    column(text).binary().null().take()
}

/// Statements that the builder cannot say; each must be valid on both databases.
pub(crate) async fn statement(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(|_| ())
}
