//! Two who promised the same, and are asked about another time.

use kith_app::{
    CannotHow, Failure, Instead, MoveOutcome, SettleMove, TakeOutcome, TaskChange, Visit,
};
use kith_domain::ids::{ProposedMoveId, SlotId};
use kith_domain::{ProposedMoveState, TaskInput};
use kith_store::{Membership, ProposedMove};
use kith_tests::TestDatabase;

use crate::house::{House, Sure, just_rota, receipt, shopping};

pub(super) const OLD: &str = "2026-03-11T10:00:00Z";
pub(super) const NEW: &str = "2026-03-12T14:00:00Z";

/// Tom and Joan have promised Wednesday's shopping at 10; a third place is free.
pub(super) struct Pair<'d> {
    pub(super) house: House<'d>,
    pub(super) tom: Membership,
    pub(super) joan: Membership,
    pub(super) slot: SlotId,
}

pub(crate) fn later(places: &'static str) -> TaskChange<'static> {
    TaskChange {
        date: "2026-03-12",
        start: "14:00",
        end: "15:00",
        places,
        if_nobody: "tell_me",
        ..TaskChange::default()
    }
}

impl<'d> Pair<'d> {
    pub(super) async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let input = TaskInput { places: "3", ..shopping("2026-03-11") };
        let slot = house.task(input, false).await[0].id;
        let pair = Self { house, tom, joan, slot };
        for who in [&pair.tom, &pair.joan] {
            assert_eq!(pair.take(who).await, TakeOutcome::Yours);
        }
        pair
    }

    /// The same, asked for Thursday at 2pm.
    pub(super) async fn asked(database: &'d TestDatabase) -> Self {
        let pair = Box::pin(Self::new(database)).await;
        Box::pin(pair.ask()).await;
        pair
    }

    pub(super) async fn ask(&self) {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        self.house.change(&visit, self.slot, &later("3")).await;
    }

    pub(super) async fn take(&self, who: &Membership) -> TakeOutcome {
        let visit = self.house.visit(who, Sure::Trusted).await;
        self.house.app.take_slot(&visit, self.house.circle, self.slot, receipt()).await.unwrap()
    }

    pub(super) async fn says(&self, who: &Membership, yes: bool) -> MoveOutcome {
        self.house.answer_move(who, self.slot, yes).await
    }

    pub(super) async fn give_back(&self, who: &Membership) {
        let visit = self.house.visit(who, Sure::Trusted).await;
        let Self { house, slot, .. } = self;
        let how = CannotHow::GiveBack;
        house.app.cannot_make_it(&visit, house.circle, *slot, how, receipt()).await.unwrap();
    }

    pub(super) async fn yes(
        &self,
        visit: &Visit,
        question: ProposedMoveId,
    ) -> Result<MoveOutcome, Failure> {
        let (circle, answer) = (self.house.circle, (question, true));
        self.house.app.answer_move(visit, circle, self.slot, answer, receipt()).await
    }

    /// The same with another slot.
    pub(super) async fn afresh(&mut self) {
        let input = TaskInput { places: "3", ..shopping("2026-03-11") };
        self.slot = self.house.task(input, false).await[0].id;
        for who in [&self.tom, &self.joan] {
            assert_eq!(self.take(who).await, TakeOutcome::Yours);
        }
        self.ask().await;
    }

    pub(super) async fn settle(&self, how: SettleMove) -> Result<MoveOutcome, Failure> {
        self.settle_that(self.question().await, how).await
    }

    pub(super) async fn settle_that(
        &self,
        question: ProposedMoveId,
        how: SettleMove,
    ) -> Result<MoveOutcome, Failure> {
        let visit = self.house.visit(&self.house.carer, Sure::Fresh).await;
        let Self { house, slot, .. } = self;
        house.app.settle_move(&visit, house.circle, *slot, (question, how), receipt()).await
    }

    pub(super) async fn starts(&self) -> String {
        self.house.slot(self.slot).await.starts.to_string()
    }

    pub(super) async fn seen_by(&self, who: &Membership) -> Option<Instead> {
        let visit = self.house.visit(who, Sure::Trusted).await;
        let page = self.house.app.slot_page(&visit, self.house.circle, self.slot).await.unwrap();
        page.slot.instead
    }

    pub(super) async fn question(&self) -> ProposedMoveId {
        self.seen_by(&self.house.carer).await.unwrap().id
    }

    pub(super) async fn row(&self, id: ProposedMoveId) -> ProposedMove {
        self.house.write(async |unit| unit.proposed_move(id).await).await.unwrap()
    }

    /// The question is over, the slot is where it was, and no answer does anything.
    pub(super) async fn is_over(&self, id: ProposedMoveId, state: ProposedMoveState) {
        assert_eq!(self.row(id).await.state, state);
        assert_eq!(self.starts().await, OLD);
        assert_eq!(self.seen_by(&self.house.carer).await, None);
        for who in [&self.tom, &self.joan] {
            let visit = self.house.visit(who, Sure::Trusted).await;
            let answer = (id, true);
            let said = self
                .house
                .app
                .answer_move(&visit, self.house.circle, self.slot, answer, receipt())
                .await;
            assert!(
                matches!(said, Ok(MoveOutcome::Over) | Err(Failure::NotHere | Failure::Changed)),
                "{said:?}"
            );
        }
        assert_eq!(self.starts().await, OLD);
    }
}

pub(super) fn names(of: &[&str]) -> Vec<Option<String>> {
    of.iter().map(|name| Some((*name).to_owned())).collect()
}
