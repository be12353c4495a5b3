//! Who sits here: the operating system's user, the name they state, and the host.

use crate::deployment::Operator;
use crate::harmless;
use std::fs;
use std::process::Command;

/// The operator of this session. `says` is the name they state; without it their user name stands.
#[must_use]
pub fn current(says: Option<&str>) -> Operator {
    let user = current_user();
    let says = says.map(|says| says.replace(harmless::is_hidden, "").trim().to_owned());
    let says = says.filter(|says| !says.is_empty()).unwrap_or_else(|| user.clone());
    Operator { user, says, host: host_name(), stand_in: None }
}

/// The user that the operating system knows this process as, whatever `USER` claims.
#[must_use]
pub fn current_user() -> String {
    let uid = rustix::process::getuid().as_raw();
    let listed = fs::read_to_string("/etc/passwd").ok().and_then(|passwd| name_of(&passwd, uid));
    let claimed = || std::env::var("USER").ok().filter(|user| !user.is_empty());
    listed.or_else(claimed).unwrap_or_else(|| format!("uid {uid}"))
}

/// The name of a user, or `uid N` when the host does not list it.
#[must_use]
pub fn user_name(uid: u32) -> String {
    let listed = fs::read_to_string("/etc/passwd").ok().and_then(|passwd| name_of(&passwd, uid));
    listed.unwrap_or_else(|| format!("uid {uid}"))
}

/// The number of a group by its name.
#[must_use]
pub fn group_number(name: &str) -> Option<u32> {
    let groups = fs::read_to_string("/etc/group").ok()?;
    let mut lines = groups.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?)
}

fn name_of(passwd: &str, uid: u32) -> Option<String> {
    let mut lines = passwd.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// The name this host goes by.
#[must_use]
pub fn host_name() -> String {
    let tidy = |name: String| Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let kernel = fs::read_to_string("/proc/sys/kernel/hostname").ok().and_then(tidy);
    let asked = || tidy(String::from_utf8(Command::new("uname").arg("-n").output().ok()?.stdout).ok()?);
    kernel.or_else(asked).unwrap_or_else(|| "unknown-host".to_owned())
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
    fn names_come_from_the_list_of_users() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nmaria:x:1000:1000::/home/maria:/bin/sh\nbroken\n";
        assert_eq!(name_of(passwd, 1000).as_deref(), Some("maria"));
        assert_eq!(name_of(passwd, 7), None);
        assert_eq!(group_number("root"), Some(0));
    }
}
