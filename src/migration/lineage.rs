//! What follows upon what: the revisions of a migrator with their parents, and where a step from a set of them leads.
//!
//! Longer than 400 lines because reading a history, resolving a name and walking from it need the same private graph.

mod unresolved;

use crate::checklist::check::Direction;
use crate::checklist::environment::Revision;
use crate::deployment::standing::{self, Standing};
use std::collections::BTreeSet;
use unresolved::Unresolved;

/// Some of the revisions, by their places.
type Set = BTreeSet<usize>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    id: String,
    /// The revisions it follows upon; none at the base, several where it merges.
    parents: Vec<usize>,
    /// Others that must be there before it (`depends_on`).
    needs: Vec<usize>,
    /// Names of the branch it is on.
    labels: Vec<String>,
}

/// The revisions a migrator has. Empty where nobody could tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lineage {
    /// Parents stand before their children.
    nodes: Vec<Node>,
}

impl Lineage {
    /// Revisions one after the other.
    #[must_use]
    pub(crate) fn straight<T: Into<String>>(ids: impl IntoIterator<Item = T>) -> Self {
        let node = |(place, id): (usize, T)| Node {
            id: id.into(),
            parents: place.checked_sub(1).into_iter().collect(),
            ..Node::default()
        };
        Self { nodes: ids.into_iter().enumerate().map(node).collect() }
    }

    /// As a checklist lists them.
    #[must_use]
    pub(crate) fn listed(revisions: &[Revision]) -> Self {
        Self::straight(revisions.iter().map(|revision| revision.id.as_str()))
    }

    /// What `alembic history` printed: `a, b (needed) -> c (label) (mergepoint), title` a line. `None` when its lines do not
    /// make one whole.
    #[must_use]
    pub(crate) fn of_history(output: &str) -> Option<Self> {
        let mut reported: Vec<Reported> = Vec::new();
        for line in output.lines() {
            if let Some(line) = Reported::read(line)
                && !reported.iter().any(|known| known.id == line.id)
            {
                reported.push(line);
            }
        }
        let mut lineage = Self::default();
        // Branches may come in any order, so each round takes those whose parents are there.
        while !reported.is_empty() {
            let before = reported.len();
            let mut left = Vec::new();
            for line in reported {
                match lineage.placed(&line) {
                    Some(node) => lineage.nodes.push(node),
                    None => left.push(line),
                }
            }
            if left.len() == before {
                return None;
            }
            reported = left;
        }
        (!lineage.nodes.is_empty()).then_some(lineage)
    }

    fn placed(&self, reported: &Reported) -> Option<Node> {
        let exact = |id: &String| self.nodes.iter().position(|node| node.id == *id);
        let parents = reported.parents.iter().map(exact).collect::<Option<Vec<_>>>()?;
        // `depends_on` may name a label or the beginning of an id.
        let named = |name: &String| exact(name).or_else(|| self.find(name).ok());
        let needs = reported.needs.iter().map(named).collect::<Option<Vec<_>>>()?;
        Some(Node { id: reported.id.clone(), parents, needs, labels: reported.labels.clone() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every revision, parents before children.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.id.as_str())
    }

    /// Whether no revision has several parents or children.
    pub(crate) fn is_straight(&self) -> bool {
        self.nodes
            .iter()
            .enumerate()
            .all(|(place, node)| node.needs.is_empty() && node.parents == Vec::from_iter(place.checked_sub(1)))
    }

    /// The revisions that nothing follows upon, as the migrator counts them.
    pub(crate) fn heads(&self) -> Vec<&str> {
        let followed = |place: usize| self.nodes.iter().any(|node| node.parents.contains(&place));
        let heads = (0..self.nodes.len()).filter(|place| !followed(*place));
        heads.filter_map(|place| self.id(place)).collect()
    }

    fn id(&self, place: usize) -> Option<&str> {
        self.nodes.get(place).map(|node| node.id.as_str())
    }

    fn names(&self, places: impl IntoIterator<Item = usize>) -> Vec<&str> {
        places.into_iter().filter_map(|place| self.id(place)).collect()
    }

    fn either(&self, places: &[usize]) -> String {
        self.names(places.iter().copied()).join(" or ")
    }

    /// The revision that a name means: its id, its id with or without a title, or the beginning of one.
    fn find(&self, name: &str) -> Result<usize, Unresolved> {
        let matching = |fits: &dyn Fn(&Node) -> bool| -> Vec<usize> {
            (0..self.nodes.len()).filter(|place| self.nodes.get(*place).is_some_and(fits)).collect()
        };
        let exact = matching(&|node| node.id == name);
        let spelled = matching(&|node| standing::same(&node.id, name));
        let begun = matching(&|node| !name.is_empty() && node.id.len() > 3 && node.id.starts_with(name));
        let found = [exact, spelled, begun].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Unresolved::Unknown { name: name.to_owned(), known: self.nodes.len() }),
            several => Err(Unresolved::Ambiguous { name: name.to_owned(), among: self.either(several) }),
        }
    }

    /// Whether the migrator has this revision.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.nodes.iter().any(|node| standing::same(&node.id, name))
    }

    /// The id of a revision, written as the migrator writes it.
    ///
    /// # Errors
    /// When no revision, or more than one, is meant.
    pub(crate) fn resolve(&self, name: &str) -> Result<&str, Unresolved> {
        self.find(name).map(|place| self.id(place).unwrap_or_default())
    }

    /// The first revision that one follows upon; `None` at the base.
    pub(crate) fn parent(&self, revision: &str) -> Option<&str> {
        let node = self.find(revision).ok().and_then(|place| self.nodes.get(place))?;
        self.id(*node.parents.first()?)
    }

    /// These and all that must be there before them.
    fn with_ancestors(&self, of: impl IntoIterator<Item = usize>) -> Set {
        let mut found = Set::new();
        let mut waiting: Vec<usize> = of.into_iter().collect();
        while let Some(place) = waiting.pop() {
            if let Some(node) = self.nodes.get(place)
                && found.insert(place)
            {
                waiting.extend(node.parents.iter().chain(&node.needs));
            }
        }
        found
    }

    /// What is applied where a database is at `now`.
    fn applied(&self, now: &Standing) -> Result<Set, Unresolved> {
        let at = now.revisions().iter().map(|id| self.find(id)).collect::<Result<Vec<_>, _>>()?;
        let mut applied = self.with_ancestors(at);
        for id in now.lacks() {
            applied.remove(&self.find(id)?);
        }
        Ok(applied)
    }

    fn standing(&self, applied: &Set) -> Standing {
        let under = |place: &usize| {
            let own: Set =
                self.nodes.get(*place).into_iter().flat_map(|n| n.parents.iter().chain(&n.needs)).copied().collect();
            self.with_ancestors(own)
        };
        let below: Set = applied.iter().flat_map(under).collect();
        let lacking = below.difference(applied).copied();
        Standing::at(self.names(applied.difference(&below).copied())).lacking(self.names(lacking))
    }

    /// Where a database is that has applied what `applied` says, by place.
    pub(crate) fn standing_of(&self, applied: impl Fn(usize) -> bool) -> Standing {
        self.standing(&(0..self.nodes.len()).filter(|place| applied(*place)).collect())
    }

    /// The same standing in the fewest words: what is there because something above it is, is left out.
    pub(crate) fn plain(&self, now: &Standing) -> Standing {
        self.applied(now).map_or_else(|_| now.clone(), |applied| self.standing(&applied))
    }

    /// The revisions of those reported that this lineage does not have.
    pub(crate) fn strange<'a>(&self, now: &'a Standing) -> Vec<&'a str> {
        now.revisions().iter().map(String::as_str).filter(|id| !self.has(id)).collect()
    }

    /// What going to `to` applies, parents first.
    ///
    /// # Errors
    /// When `to` or `now` cannot be resolved.
    pub(crate) fn pending(&self, now: &Standing, to: &str) -> Result<Vec<&str>, Unresolved> {
        let applied = self.applied(now)?;
        let wanted = self.with_ancestors(self.targets(now, &applied, Direction::Upgrade, to)?);
        Ok(self.names(wanted.difference(&applied).copied()))
    }

    /// Where a run from `now` to `to` ends, and the revision that `to` means.
    ///
    /// # Errors
    /// When it cannot be resolved, or does not lead that way.
    pub(crate) fn destination(
        &self,
        now: &Standing,
        direction: Direction,
        to: &str,
    ) -> Result<Destination, Unresolved> {
        let applied = match direction {
            // Asking needs no way from here to there.
            Direction::Current => self.applied(now).unwrap_or_default(),
            Direction::Upgrade | Direction::Downgrade => self.applied(now)?,
        };
        let targets = self.targets(now, &applied, direction, to)?;
        let wanted = self.with_ancestors(targets.iter().copied());
        let end = match direction {
            Direction::Current => self.standing(&wanted),
            Direction::Upgrade => self.standing(&applied.union(&wanted).copied().collect()),
            Direction::Downgrade => {
                if let Some(target) = targets.iter().find(|target| !applied.contains(target)) {
                    let target = self.id(*target).unwrap_or(to);
                    let (to, target) = (to.to_owned(), target.to_owned());
                    return Err(Unresolved::NotAbove { to, target, now: now.to_string() });
                }
                // On other branches nothing is undone, unless everything is.
                let undone = |place: &usize| {
                    targets.is_empty()
                        || (!targets.contains(place)
                            && self.with_ancestors([*place]).iter().any(|under| targets.contains(under)))
                };
                self.standing(&applied.iter().filter(|place| !undone(place)).copied().collect())
            }
        };
        let revision = match targets.as_slice() {
            [] => "base".to_owned(),
            [one] => self.id(*one).unwrap_or_default().to_owned(),
            _ => "heads".to_owned(),
        };
        Ok(Destination { end, revision })
    }

    /// The revisions that `to` names.
    fn targets(&self, now: &Standing, applied: &Set, direction: Direction, to: &str) -> Result<Vec<usize>, Unresolved> {
        if to == "base" {
            return Ok(Vec::new());
        }
        if matches!(to, "head" | "heads") {
            let heads = self.heads();
            return match heads.as_slice() {
                [] => Err(Unresolved::NoHead),
                [_] => heads.iter().map(|head| self.find(head)).collect(),
                // Whoever only asks means all of them.
                _ if to == "heads" || direction == Direction::Current => {
                    heads.iter().map(|head| self.find(head)).collect()
                }
                several => Err(Unresolved::SeveralHeads(several_heads(several))),
            };
        }
        let (name, step) = relative(to);
        let start = match (name, step) {
            (name, None) => return self.named(name).map(|place| vec![place]),
            ("", Some(_)) => match now.revisions() {
                [] => None,
                [one] => Some(self.find(one)?),
                several => {
                    let (to, now) = (to.to_owned(), now.to_string());
                    return Err(Unresolved::FromSeveral { to, revisions: several.len(), now });
                }
            },
            (name, Some(_)) => Some(self.named(name)?),
        };
        let target = self.walk(start, step.unwrap_or_default(), to, name.is_empty().then_some(applied))?;
        Ok(target.into_iter().collect())
    }

    /// A revision by its name, or the head of a branch: `label@head`.
    fn named(&self, name: &str) -> Result<usize, Unresolved> {
        let Some((label, rest)) = name.split_once('@') else {
            return self.find(name).or_else(|why| self.head_of(name).map_err(|_| why));
        };
        if matches!(rest, "head" | "heads") { self.head_of(label) } else { self.find(rest) }
    }

    fn head_of(&self, label: &str) -> Result<usize, Unresolved> {
        let of_branch = |id: &&str| {
            let node = self.nodes.iter().find(|node| node.id == **id);
            node.is_some_and(|node| node.labels.iter().any(|own| own == label)) || standing::same(id, label)
        };
        match self.heads().iter().filter(|id| of_branch(id)).collect::<Vec<_>>().as_slice() {
            [one] => self.find(one),
            found => Err(Unresolved::Branch { label: label.to_owned(), heads: found.len() }),
        }
    }

    /// Goes some steps along the only way there is; `None` is the base.
    fn walk(
        &self,
        start: Option<usize>,
        step: i64,
        to: &str,
        applied: Option<&Set>,
    ) -> Result<Option<usize>, Unresolved> {
        let out = || Unresolved::OutOf { to: to.to_owned(), known: self.nodes.len() };
        let mut at = start;
        for _ in 0..step.unsigned_abs() {
            let next: Vec<usize> = if step > 0 {
                let follows = |node: &Node| at.map_or(node.parents.is_empty(), |at| node.parents.contains(&at));
                (0..self.nodes.len()).filter(|place| self.nodes.get(*place).is_some_and(follows)).collect()
            } else {
                at.and_then(|at| self.nodes.get(at)).ok_or_else(out)?.parents.clone()
            };
            at = match next.as_slice() {
                [one] => Some(*one),
                [] if step < 0 => None,
                [] => return Err(out()),
                several => return Err(Unresolved::Fork { to: to.to_owned(), among: self.either(several) }),
            };
            // What was never applied is no step back.
            while let (Some(place), Some(applied), true) = (at, applied, step < 0) {
                if applied.contains(&place) {
                    break;
                }
                at = self.nodes.get(place).and_then(|node| node.parents.first()).copied();
            }
        }
        Ok(at)
    }
}

/// Where a run ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub end: Standing,
    /// What the migrator is to be reported instead of a step: a revision, `base` or `heads`.
    pub revision: String,
}

/// Why `head` says nothing.
pub(crate) fn several_heads(heads: &[&str]) -> String {
    format!(
        "the migrator has {} heads ({}), so `head` does not tell which one is meant; merge them, or write the revision to go \
         to, or `heads` for all of them",
        heads.len(),
        heads.join(", ")
    )
}

/// Takes `rev-1`, `-1` and `+2` apart into a name and steps.
pub(crate) fn relative(to: &str) -> (&str, Option<i64>) {
    let Some(at) = to.rfind(['+', '-']) else { return (to, None) };
    let (name, step) = to.split_at(at);
    // `label@-1` starts where the database is, on that branch; nothing here says where that is.
    if step.len() < 2 || !step[1..].bytes().all(|byte| byte.is_ascii_digit()) || name.ends_with('@') {
        return (to, None);
    }
    step.parse().map_or((to, None), |step| (name, Some(step)))
}

/// One line of `history`.
struct Reported {
    id: String,
    parents: Vec<String>,
    needs: Vec<String>,
    labels: Vec<String>,
}

impl Reported {
    fn read(line: &str) -> Option<Self> {
        let (before, after) = line.split_once(" -> ")?;
        let list = |text: &str| -> Vec<String> {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty() && *word != "<base>");
            words.map(ToOwned::to_owned).collect()
        };
        let (parents, needs) = match before.trim().split_once(" (") {
            Some((parents, needs)) => (list(parents), list(needs.trim_end_matches(')'))),
            None => (list(before), Vec::new()),
        };
        let end = after.find([',', ' ']).unwrap_or(after.trim_end().len());
        let (id, mut rest) = (after[..end].trim().to_owned(), after[end..].trim_start());
        let mut labels = Vec::new();
        while let Some((mark, others)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            if !matches!(mark, "head" | "effective head" | "branchpoint" | "mergepoint") {
                labels.extend(list(mark));
            }
            rest = others.trim_start();
        }
        let plain = |word: &String| !word.contains(char::is_whitespace) && !word.contains(['(', ')', '>']);
        let good = !id.is_empty() && plain(&id) && parents.iter().chain(&needs).all(plain);
        good.then_some(Self { id, parents, needs, labels })
    }
}

#[cfg(test)]
mod tests;
