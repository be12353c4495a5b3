//! Who sits here: the operating system's user, the name they state, and the host.

use crate::deployment::Operator;
use crate::harmless;
use nix::unistd::{Group, Uid, User};

/// The operator of this session. `says` is the name they state; without it their user name stands.
pub fn current(says: Option<&str>) -> Operator {
    let user = current_user();
    let says = says.map(|says| says.replace(harmless::is_hidden, "").trim().to_owned());
    let says = says.filter(|says| !says.is_empty()).unwrap_or_else(|| user.clone());
    Operator { user, says, host: host_name(), simulated: None }
}

/// The user that the operating system knows this process as, whatever `USER` claims.
pub fn current_user() -> String {
    user_name(rustix::process::getuid().as_raw())
}

/// The name of a user, from wherever this host keeps its users; `uid N` when it knows none.
pub fn user_name(uid: u32) -> String {
    let known = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    known.map_or_else(|| format!("uid {uid}"), |user| user.name)
}

/// The number of a group by its name.
pub fn group_number(name: &str) -> Option<u32> {
    Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
}

/// The name this host goes by.
pub fn host_name() -> String {
    let uname = rustix::system::uname();
    let name = uname.nodename().to_string_lossy().trim().to_owned();
    if name.is_empty() { "unknown-host".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_name_is_kept_beside_the_users() {
        let stated = current(Some(" captain "));
        assert_eq!(stated.says, "captain");
        assert_eq!(stated.user, current_user());
        assert_eq!(current(Some("  ")).says, current_user());
        assert!(!stated.host.is_empty() && !stated.host.contains(char::is_whitespace), "{:?}", stated.host);
    }

    #[test]
    fn names_come_from_the_system() {
        assert_eq!(user_name(0), "root");
        assert_eq!(user_name(4_000_000_123), "uid 4000000123");
        assert_eq!(group_number("root"), Some(0));
        assert_eq!(group_number("no such group"), None);
    }
}
