//! Parts of a checklist that wait for themselves.

use crate::checklist::check::Check;
use crate::checklist::evidence::{EvidenceOf, Reference};
use crate::checklist::ids::ItemId;
use crate::checklist::model::{Checklist, Item, Order, Section};
use crate::checklist::reader::marks::{Draft, Holder, Mention, UNNAMED, Wanted};
use crate::checklist::reader::report::Report;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// More references of one knot than this are not followed: it can be walked in very many ways.
const MOST: usize = 500;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let mut graph = Graph::default();
    graph.add_checklist(&draft.checklist);
    let mentions: Vec<_> = draft.marks.mentions.iter().filter_map(|m| Some((m, graph.add_mention(m)?))).collect();
    let knotted = graph.knotted();
    let knots = mentions.into_iter().filter(|(_, (from, to))| knotted[*from] && knotted[*to]);
    let mut cycles: Vec<(&Mention, Vec<String>)> = knots
        .take(MOST)
        .filter_map(|(mention, (from, to))| Some((mention, graph.written(from, &graph.path(to, from, &knotted)?))))
        .collect();
    // The short ones first: a longer one that goes through all of a short one says nothing new.
    cycles.sort_by_key(|(_, path)| path.len());
    let mut shown: Vec<BTreeSet<String>> = Vec::new();
    for (mention, path) in cycles {
        let members: BTreeSet<String> = path.iter().cloned().collect();
        if shown.iter().any(|known| known.is_subset(&members)) {
            continue;
        }
        shown.push(members);
        let message = format!("`{}` waits for itself: {}", path[0], path.join(" → "));
        report.error(mention.at, message, "remove this or another of the references on the way");
    }
}

/// What waits. Before a phase or section starts and after all of its items are complete are two moments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Node {
    Start(String),
    Done(String),
    Item(ItemId),
    Signoff(String),
}

impl Node {
    fn written(&self) -> String {
        match self {
            Node::Start(id) | Node::Done(id) => id.clone(),
            Node::Item(id) => id.to_string(),
            Node::Signoff(id) => format!("signoff:{id}"),
        }
    }
}

/// An edge goes from what waits to what it waits for.
#[derive(Debug, Default)]
struct Graph {
    numbers: HashMap<Node, usize>,
    nodes: Vec<Node>,
    edges: Vec<Vec<usize>>,
    /// The edges that somebody wrote or ordered, rather than those from a part to the whole or the other way.
    meant: HashSet<(usize, usize)>,
}

impl Graph {
    fn number(&mut self, node: Node) -> usize {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len();
        self.numbers.insert(node.clone(), number);
        self.nodes.push(node);
        self.edges.push(Vec::new());
        number
    }

    fn add(&mut self, from: Node, to: Node) -> (usize, usize) {
        let (from, to) = (self.number(from), self.number(to));
        self.edges[from].push(to);
        (from, to)
    }

    fn add_meant(&mut self, from: Node, to: Node) -> (usize, usize) {
        let edge = self.add(from, to);
        self.meant.insert(edge);
        edge
    }

    fn add_checklist(&mut self, checklist: &Checklist) {
        for phase in &checklist.phases {
            let id = phase.id.to_string();
            for section in &phase.sections {
                self.add(Node::Start(section.id.to_string()), Node::Start(id.clone()));
                self.add(Node::Done(id.clone()), Node::Done(section.id.to_string()));
                self.add_items(section, &section.items);
            }
        }
        for group in &checklist.signoffs {
            for phase in &group.phases {
                self.add_meant(Node::Signoff(group.id.to_string()), Node::Done(phase.to_string()));
            }
        }
    }

    fn add_items(&mut self, section: &Section, items: &[Item]) {
        let mut before: Option<Node> = None;
        let mut children = Vec::new();
        for item in items {
            let node = Node::Item(item.id.clone());
            // What has no name, or another's, is a problem of its own and would make up cycles here.
            if item.id.as_str().contains(UNNAMED) || self.numbers.contains_key(&node) {
                self.add_items(section, &item.items);
                continue;
            }
            self.add(node.clone(), Node::Start(section.id.to_string()));
            self.add(Node::Done(section.id.to_string()), node.clone());
            if let Some(before) = before.filter(|_| section.order == Order::Steps) {
                self.add_meant(node.clone(), before);
            }
            if matches!(&item.check, Check::Evidence(evidence) if evidence.of == EvidenceOf::Children) {
                children.extend(item.items.iter().map(|child| (node.clone(), Node::Item(child.id.clone()))));
            }
            self.add_items(section, &item.items);
            before = Some(node);
        }
        // Only now, for an item whose number is taken is held for a second one of that name.
        for (parent, child) in children {
            self.add_meant(parent, child);
        }
    }

    /// The edge that a key of the source makes, if anything waits by it.
    fn add_mention(&mut self, mention: &Mention) -> Option<(usize, usize)> {
        let from = match &mention.holder {
            Holder::Phase(id) => Node::Start(id.to_string()),
            Holder::Section(id) => Node::Start(id.to_string()),
            Holder::Item(id) => Node::Item(id.clone()),
            Holder::Aside => return None,
        };
        let to = match (mention.wanted, Reference::parse(&mention.target)) {
            (Wanted::Item, _) => Node::Item(ItemId::new(mention.target.as_str())),
            (_, Reference::Item(id)) => Node::Item(id),
            (_, Reference::Phase(id)) => Node::Done(id.to_string()),
            (_, Reference::Section(id)) => Node::Done(id.to_string()),
            (_, Reference::Signoff(id)) => Node::Signoff(id.to_string()),
        };
        Some(self.add_meant(from, to))
    }

    /// Which nodes are on a cycle or between two; the others are peeled away from either end.
    fn knotted(&self) -> Vec<bool> {
        let mut back = vec![Vec::new(); self.nodes.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            for to in edges {
                back[*to].push(from);
            }
        }
        let mut knotted = vec![true; self.nodes.len()];
        for (ahead, behind) in [(&self.edges, &back), (&back, &self.edges)] {
            let mut open: Vec<usize> =
                ahead.iter().map(|edges| edges.iter().filter(|node| knotted[**node]).count()).collect();
            let mut loose: Vec<usize> = (0..open.len()).filter(|node| knotted[*node] && open[*node] == 0).collect();
            while let Some(node) = loose.pop() {
                knotted[node] = false;
                for before in behind[node].iter().filter(|before| knotted[**before]) {
                    open[*before] -= 1;
                    if open[*before] == 0 {
                        loose.push(*before);
                    }
                }
            }
        }
        knotted
    }

    /// The shortest way between two nodes, both included.
    fn path(&self, from: usize, to: usize, within: &[bool]) -> Option<Vec<usize>> {
        let mut came: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            if node == to {
                let mut path = vec![node];
                let mut at = node;
                while at != from {
                    at = *came.get(&at)?;
                    path.push(at);
                }
                path.reverse();
                return Some(path);
            }
            for next in self.edges[node].iter().filter(|next| within[**next]) {
                if *next != from && !came.contains_key(next) {
                    came.insert(*next, node);
                    queue.push_back(*next);
                }
            }
        }
        None
    }

    /// The cycle from `from` over `path` as people write it: the ends of what is meant, without the parts between.
    fn written(&self, from: usize, path: &[usize]) -> Vec<String> {
        let cycle: Vec<usize> = std::iter::once(from).chain(path.iter().copied()).collect();
        let mut names = vec![self.nodes[from].written()];
        for edge in cycle.windows(2).filter(|edge| self.meant.contains(&(edge[0], edge[1]))) {
            names.extend(edge.iter().map(|node| self.nodes[*node].written()));
        }
        names.push(self.nodes[from].written());
        names.dedup();
        if names.len() == 1 {
            names.push(names[0].clone());
        }
        names
    }
}
