//! `sql` and `database-size`: one value of the environment's database.

use super::{Missing, Query, Take, Taking};
use crate::checklist::check;
use std::sync::Arc;

pub(super) struct Scalar {
    database: Arc<dyn Query>,
    query: check::Query,
}

impl Scalar {
    pub(super) fn new(database: Arc<dyn Query>, query: check::Query) -> Self {
        Self { database, query }
    }
}

impl Take for Scalar {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async { self.database.number(&self.query).await.map_err(Missing::from) })
    }
}

pub(super) struct Size(Arc<dyn Query>);

impl Size {
    pub(super) fn new(database: Arc<dyn Query>) -> Self {
        Self(database)
    }
}

impl Take for Size {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async { self.0.size().await.map_err(Missing::from) })
    }
}
