//! One connection that is kept, and the requests that go over it one after the other.

use super::failure::{ErrorKind, Failure};
use super::line::{Line, Stream};
use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// An answer that came whole.
pub(super) struct Answer {
    pub bytes: u64,
    /// What of it was not expected.
    pub wrong: Option<Failure>,
}

/// A connection that is there or not; a request opens it anew where the service has closed it.
#[derive(Default)]
pub(super) struct Connection {
    open: Option<Open>,
    /// So many were opened.
    pub opened: u64,
}

struct Open {
    sender: SendRequest<Full<Bytes>>,
    driver: Pin<Box<Driver>>,
}

/// How an exchange ended without an answer.
enum Ended {
    /// The connection was over before the request went out: it may be sent again.
    Unsent,
    Broken(Failure),
}

impl Connection {
    /// Sends one request and reads its answer. Dropped meanwhile, it leaves a connection that must be closed.
    ///
    /// # Errors
    /// Why there was no answer.
    pub(super) async fn send(&mut self, line: &Line) -> Result<Answer, Failure> {
        // While it is under way the connection is out of its place, so that one that was given up is not used again.
        if let Some(mut open) = self.open.take()
            && !open.has_ended().await
        {
            match open.exchange(line).await {
                Ok((answer, stays)) => {
                    self.open = stays.then_some(open);
                    return Ok(answer);
                }
                Err(Ended::Broken(failure)) => return Err(failure),
                Err(Ended::Unsent) => {}
            }
        }
        let mut open = Open::new(line).await?;
        self.opened += 1;
        match open.exchange(line).await {
            Ok((answer, stays)) => {
                self.open = stays.then_some(open);
                Ok(answer)
            }
            Err(Ended::Broken(failure)) => Err(failure),
            Err(Ended::Unsent) => Err(Failure::new(ErrorKind::Reset, "no complete answer: the connection was closed")),
        }
    }
}

impl Open {
    async fn new(line: &Line) -> Result<Self, Failure> {
        let stream = line.connect().await?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| Failure::broken(&error))?;
        Ok(Self { sender, driver: Box::pin(driver) })
    }

    /// Whether the service closed it since the last answer.
    async fn has_ended(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.driver.as_mut().poll(context).is_ready())).await
    }

    /// Sends and reads while the connection is driven. Shows whether the connection may be used again.
    async fn exchange(&mut self, line: &Line) -> Result<(Answer, bool), Ended> {
        let Self { sender, driver } = self;
        let mut work = pin!(async move {
            sender.ready().await.map_err(|_| Ended::Unsent)?;
            let response = sender.send_request(line.request()).await.map_err(|error| {
                if error.is_canceled() { Ended::Unsent } else { Ended::Broken(Failure::broken(&error)) }
            })?;
            read(response, line).await.map_err(Ended::Broken)
        });
        // Both in one task: an answer wakes one, not two.
        let mut stays = true;
        let answer = poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            if stays && driver.as_mut().poll(context).is_ready() {
                stays = false;
            }
            work.as_mut().poll(context)
        })
        .await?;
        Ok((answer, stays))
    }
}

async fn read(response: Response<Incoming>, line: &Line) -> Result<Answer, Failure> {
    let (head, mut body) = response.into_parts();
    let status = head.status.as_u16();
    let mut bytes = 0;
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::broken(&error))?;
        if let Some(data) = frame.data_ref() {
            bytes += data.len() as u64;
            if line.inspect.is_some() {
                whole.extend_from_slice(data);
            }
        }
    }
    let wrong = if !line.expected.has(status) {
        let reason = format!("answered {status} instead of {}", line.expected);
        Some(Failure::new(ErrorKind::Status(status), reason))
    } else if let Some(inspect) = &line.inspect {
        inspect(status, &head.headers, &whole).err().map(|reason| Failure::new(ErrorKind::Answer, reason))
    } else {
        None
    };
    Ok(Answer { bytes, wrong })
}
