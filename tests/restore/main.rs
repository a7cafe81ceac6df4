//! A copy is made, things end, mails are sent, and the copy is put in place: nothing that ended comes
//! back, and nothing goes out twice.

#[cfg(test)]
mod comes_again;
#[cfg(test)]
mod corrupt;
#[cfg(test)]
mod drill;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod known;
#[cfg(test)]
mod scene;
