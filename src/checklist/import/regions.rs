//! Parts of the text that are read in their own way.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RegionKind {
    /// The index of the code block.
    Fence(usize),
    IndentedCode(usize),
    Html,
    Comment,
    /// The index of the table.
    Table(usize),
    Heading,
    Rule,
    FrontMatter,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub range: Range<usize>,
    pub kind: RegionKind,
}

/// Regions in the order of their beginnings; a comment may lie inside another one.
#[derive(Debug, Default)]
pub(super) struct Regions {
    regions: Vec<Region>,
}

impl Regions {
    pub(super) fn push(&mut self, region: Region) {
        self.regions.push(region);
    }

    /// Adds regions that were found out of order and puts them in their places.
    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = Region>) {
        self.regions.extend(more);
        self.regions.sort_by_key(|region| (region.range.start, std::cmp::Reverse(region.range.end)));
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Region> {
        self.regions.iter()
    }

    pub(super) fn reader(&self) -> RegionReader<'_> {
        RegionReader { regions: &self.regions, next: 0, inside: Vec::new() }
    }
}

/// Shows the region of offsets that only grow.
pub(super) struct RegionReader<'r> {
    regions: &'r [Region],
    next: usize,
    inside: Vec<usize>,
}

impl RegionReader<'_> {
    /// The innermost region at an offset that is not before the one asked last.
    pub(super) fn at(&mut self, offset: usize) -> Option<RegionKind> {
        while self.regions.get(self.next).is_some_and(|region| region.range.start <= offset) {
            self.inside.push(self.next);
            self.next += 1;
        }
        while let Some(last) = self.inside.last() {
            let region = &self.regions[*last];
            if region.range.end > offset {
                return Some(region.kind);
            }
            self.inside.pop();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_region_counts() {
        let mut regions = Regions::default();
        regions.push(Region { range: 20..30, kind: RegionKind::Heading });
        regions.push(Region { range: 2..10, kind: RegionKind::Html });
        regions.extend([Region { range: 4..6, kind: RegionKind::Comment }]);
        let mut reader = regions.reader();
        let reported: Vec<_> = [0, 2, 5, 7, 10, 25].into_iter().map(|at| reader.at(at)).collect();
        let (html, comment, heading) = (RegionKind::Html, RegionKind::Comment, RegionKind::Heading);
        assert_eq!(reported, [None, Some(html), Some(comment), Some(html), None, Some(heading)]);
    }
}
