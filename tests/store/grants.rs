//! Grants are made and ended, never edited.

use kith_domain::{Category, CategorySet, GrantBasis};
use kith_store::Membership;
use kith_tests::{TestDatabase, both};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement};

use crate::world::World;

async fn grant(world: &World, member: &Membership, categories: &[Category]) {
    let (set, now) = (CategorySet::of(categories), world.now());
    world
        .write(async |unit| unit.put_grants(member, set, GrantBasis::OwnConsent, None, now).await)
        .await;
}

/// Every row as (id, category, from, withdrawn).
async fn rows(database: &TestDatabase) -> Vec<(String, i64, Option<i64>)> {
    let connection = database.connect().await;
    let sql =
        "SELECT category, from_at, withdrawn_at FROM disclosure_grant ORDER BY from_at, category";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let read = |row: QueryResult| {
        let get = (row.try_get("", "category"), row.try_get("", "from_at"));
        (get.0.unwrap(), get.1.unwrap(), row.try_get("", "withdrawn_at").unwrap())
    };
    connection.query_all_raw(statement).await.unwrap().into_iter().map(read).collect()
}

both! {
    async fn granting_twice_is_once_and_changing_ends_and_begins(database) {
        let world = World::new(database).await;
        let member = world.friend(world.circle().await).await;
        let start = world.now().as_second();
        grant(&world, &member, &[Category::Rota, Category::News]).await;
        world.clock.advance(60);
        grant(&world, &member, &[Category::Rota, Category::News]).await;
        let row = |category: &str, from, ended| (category.to_owned(), start + from, ended);
        assert_eq!(rows(database).await, [row("news", 0, None), row("rota", 0, None)]);
        grant(&world, &member, &[Category::Rota, Category::Care]).await;
        let ended = Some(start + 60);
        let after = [row("news", 0, ended), row("rota", 0, None), row("care", 60, None)];
        assert_eq!(rows(database).await, after);
        world.clock.advance(60);
        // Granted again: a new row; the withdrawn one stays as it was.
        grant(&world, &member, &[Category::Rota, Category::Care, Category::News]).await;
        let again = [after.to_vec(), vec![row("news", 120, None)]].concat();
        assert_eq!(rows(database).await, again);
        grant(&world, &member, &[]).await;
        let granted = world.read().await.granted_to(&member, world.now()).await.unwrap();
        assert!(granted.is_empty());
        assert_eq!(rows(database).await.len(), again.len());
        grant(&world, &member, &[]).await;
        assert_eq!(rows(database).await.len(), again.len());
    }

    async fn each_member_has_its_own_grants(database) {
        let world = World::new(database).await;
        let circle = world.circle().await;
        let (one, other) = (world.friend(circle).await, world.friend(circle).await);
        grant(&world, &one, &[Category::Rota]).await;
        grant(&world, &other, &[Category::Entry]).await;
        let snapshot = world.read().await;
        let mut all = snapshot.granted(circle, world.now()).await.unwrap();
        let mut expected = [(one.id, Category::Rota), (other.id, Category::Entry)];
        all.sort_by_key(|(id, _)| *id);
        expected.sort_by_key(|(id, _)| *id);
        assert_eq!(all, expected);
        let basis = snapshot.grant_basis(one.id).await.unwrap();
        assert_eq!(basis, Some(GrantBasis::OwnConsent));
        let before = world.now().plus_seconds(-1);
        assert!(snapshot.granted(circle, before).await.unwrap().is_empty());
    }
}
