//! One struct a page, of plain words and addresses: the last place where what is shown can be
//! reviewed. Handlers fill them; nothing here knows the domain, the web server or the clock.

use askama::Template;

use crate::gallery::Sample;

pub(crate) mod acting;
pub(crate) mod answer;
pub(crate) mod away;
pub(crate) mod carry_on;
pub(crate) mod circle_settings;
pub(crate) mod concern;
pub(crate) mod dates;
pub(crate) mod demo;
pub(crate) mod details;
pub(crate) mod devices;
pub(crate) mod door;
pub(crate) mod every_time;
pub(crate) mod front;
pub(crate) mod home;
pub(crate) mod hospice;
pub(crate) mod hospice_circle;
pub(crate) mod instead;
pub(crate) mod invitation;
pub(crate) mod invited_address;
pub(crate) mod joining;
pub(crate) mod layout;
pub(crate) mod looks;
pub(crate) mod mail_settings;
pub(crate) mod my_rota;
pub(crate) mod name_friend;
pub(crate) mod new_address;
pub(crate) mod news;
pub(crate) mod numbers;
pub(crate) mod own_number;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod plain;
pub(crate) mod presets;
pub(crate) mod private;
pub(crate) mod rota;
pub(crate) mod set_up;
pub(crate) mod several;
pub(crate) mod share_link;
pub(crate) mod slot;
pub(crate) mod slot_more;
pub(crate) mod stop_mail;
pub(crate) mod task_form;
pub(crate) mod touched;
pub(crate) mod view;

mod sample;

#[cfg(test)]
mod check;

/// A page that brings its own samples, so that every template is rendered and checked in tests.
pub(crate) trait Page: Template + Sized {
    /// Begins the name of each sample.
    const NAME: &'static str;

    /// The page in each of its states; the state is empty for the usual one.
    fn samples() -> Vec<(&'static str, Self)>;
}

/// Renders the samples of one page.
fn render<P: Page>(into: &mut Vec<Sample>) -> Result<(), askama::Error> {
    for (state, page) in P::samples() {
        let name = match state {
            "" => P::NAME.to_owned(),
            state => format!("{}-{state}", P::NAME),
        };
        into.push(Sample { name, html: page.render()? });
    }
    Ok(())
}

/// The samples of every page.
pub(crate) fn samples() -> Result<Vec<Sample>, askama::Error> {
    let mut all = Vec::new();
    render::<home::HomePage>(&mut all)?;
    render::<rota::RotaPage>(&mut all)?;
    render::<rota::PrintRotaPage>(&mut all)?;
    render::<task_form::TaskFormPage>(&mut all)?;
    render::<touched::TouchedPage>(&mut all)?;
    render::<slot::SlotPage>(&mut all)?;
    render::<answer::CannotPage>(&mut all)?;
    render::<away::AwayPage>(&mut all)?;
    render::<acting::SayForPage>(&mut all)?;
    render::<acting::YesForPage>(&mut all)?;
    render::<acting::AwayForPage>(&mut all)?;
    render::<dates::DatesPage>(&mut all)?;
    render::<every_time::StopEveryPage>(&mut all)?;
    render::<door::DoorPage>(&mut all)?;
    render::<door::HowPage>(&mut all)?;
    render::<concern::WorriedPage>(&mut all)?;
    render::<concern::InboxPage>(&mut all)?;
    render::<concern::ConcernPage>(&mut all)?;
    render::<answer::TakenPage>(&mut all)?;
    render::<answer::WentPage>(&mut all)?;
    render::<people::PeoplePage>(&mut all)?;
    render::<people::RemovePage>(&mut all)?;
    render::<person::PersonPage>(&mut all)?;
    render::<person::ItemsPage>(&mut all)?;
    render::<private::PrivatePage>(&mut all)?;
    render::<private::EditPrivatePage>(&mut all)?;
    render::<private::WhoToCallPage>(&mut all)?;
    render::<private::PrintHelpPage>(&mut all)?;
    render::<circle_settings::CircleSettingsPage>(&mut all)?;
    render::<looks::LooksPage>(&mut all)?;
    render::<news::NewsPage>(&mut all)?;
    render::<my_rota::MyRotaPage>(&mut all)?;
    render::<my_rota::HelpNeededPage>(&mut all)?;
    render::<details::DetailsPage>(&mut all)?;
    render::<details::LeavePage>(&mut all)?;
    render::<new_address::NewAddressPage>(&mut all)?;
    render::<invited_address::InvitedAddressPage>(&mut all)?;
    render::<front::WelcomePage>(&mut all)?;
    render::<front::SignInPage>(&mut all)?;
    render::<front::CheckMailPage>(&mut all)?;
    render::<front::MailLinkPage>(&mut all)?;
    render::<front::WhichOnePage>(&mut all)?;
    render::<front::PlacesPage>(&mut all)?;
    render::<invitation::InvitationPage>(&mut all)?;
    render::<invitation::WordsInPage>(&mut all)?;
    render::<invitation::WordsPage>(&mut all)?;
    render::<several::SeveralPage>(&mut all)?;
    render::<several::AllWordsPage>(&mut all)?;
    render::<joining::AskToJoinPage>(&mut all)?;
    render::<joining::WaitingPage>(&mut all)?;
    render::<joining::ChooseNumberPage>(&mut all)?;
    render::<share_link::ShareLinkPage>(&mut all)?;
    render::<share_link::AskingPage>(&mut all)?;
    render::<share_link::OneAskingPage>(&mut all)?;
    render::<own_number::OwnNumberPage>(&mut all)?;
    render::<devices::DevicesPage>(&mut all)?;
    render::<devices::ApproveDevicePage>(&mut all)?;
    render::<devices::OwnTabletPage>(&mut all)?;
    render::<stop_mail::StopMailPage>(&mut all)?;
    render::<mail_settings::MailSettingsPage>(&mut all)?;
    render::<plain::PrivacyPage>(&mut all)?;
    render::<carry_on::CarryOnPage>(&mut all)?;
    render::<carry_on::NotCarriedPage>(&mut all)?;
    render::<plain::NotHerePage>(&mut all)?;
    render::<plain::ErrorPage>(&mut all)?;
    render::<plain::HelpPage>(&mut all)?;
    render::<plain::AccessibilityPage>(&mut all)?;
    render::<plain::InvitedPage>(&mut all)?;
    render::<name_friend::NameFriendPage>(&mut all)?;
    render::<set_up::SetUpPersonPage>(&mut all)?;
    render::<set_up::SetUpYouPage>(&mut all)?;
    render::<set_up::FirstWeekPage>(&mut all)?;
    render::<hospice::TodayPage>(&mut all)?;
    render::<hospice::CirclesPage>(&mut all)?;
    render::<hospice_circle::StartCirclePage>(&mut all)?;
    render::<hospice_circle::CardPage>(&mut all)?;
    render::<hospice_circle::OversightPage>(&mut all)?;
    render::<demo::DemoFrontPage>(&mut all)?;
    render::<demo::DemoMailsPage>(&mut all)?;
    render::<demo::DemoMailPage>(&mut all)?;
    Ok(all)
}
