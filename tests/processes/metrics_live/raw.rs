//! Sources against a server that answers byte by byte what it is given: cut, endless, packed and stale answers.

use super::sampler::{Watching, prometheus, watched};
use gonogo::checklist::pane::{PrometheusReading, Source};
use gonogo::metrics::series::Gap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Bytes of an answer, and what follows them until the other side has had enough.
struct Answer {
    begins: Vec<u8>,
    on: Vec<u8>,
    pause: Duration,
}

fn once(text: impl Into<Vec<u8>>) -> Answer {
    Answer { begins: text.into(), on: Vec::new(), pause: Duration::ZERO }
}

async fn answer(mut stream: TcpStream, answer: &Answer) -> std::io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(stream.read_u8().await?);
    }
    stream.write_all(&answer.begins).await?;
    while !answer.on.is_empty() {
        stream.write_all(&answer.on).await?;
        tokio::time::sleep(answer.pause).await;
    }
    stream.shutdown().await
}

/// What a source makes of an answer.
async fn taken(source: Source, given: Answer) -> Result<f64, Gap> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = answer(stream, &given).await;
        }
    });
    let value = Watching::of(watched(&url, source, None)).next().await.value;
    serving.abort();
    value
}

fn latency() -> Source {
    Source::Latency { path: "/".into() }
}

#[tokio::test]
async fn a_cut_answer_is_no_number_and_the_service_is_down() {
    let whole = taken(latency(), once("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")).await;
    assert!(whole.is_ok(), "{whole:?}");
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let gap = taken(latency(), once(cut)).await.unwrap_err();
        assert!(gap.reason.starts_with("no whole answer") && gap.down, "{gap:?}");
    }
    let part = taken(latency(), once("HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nhello")).await;
    assert_eq!(part, Err(Gap::new("answered 206: only a part of the answer")));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_and_the_service_is_not_down() {
    let too_large = Err(Gap::new("the answer is too large, not read: over 16 MiB"));
    let announced = once(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 17 << 20));
    assert_eq!(taken(latency(), announced).await, too_large);
    let endless = Answer { on: vec![b'x'; 1 << 20], ..once("HTTP/1.1 200 OK\r\n\r\n") };
    assert_eq!(taken(prometheus("up", PrometheusReading::Value), endless).await, too_large);
    let mut packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
    packed.extend(zeros(18 << 20));
    assert!(packed.len() < 200_000, "{}", packed.len());
    assert_eq!(taken(latency(), once(packed)).await, too_large);
}

/// So many zeros as gzip packs them: one, and then the byte before 258 times over, again and again.
fn zeros(count: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut byte, mut filled) = (0_u8, 0);
    // The last block, with fixed codes; then codes with their highest bit first.
    let mut bit = |one: bool| {
        byte |= u8::from(one) << filled;
        filled += 1;
        if filled == 8 {
            bytes.push(std::mem::take(&mut byte));
            filled = 0;
        }
    };
    [true, true, false].into_iter().for_each(&mut bit);
    let mut code = |bits: &str| bits.bytes().map(|digit| digit == b'1').for_each(&mut bit);
    code("00110000");
    (0..count / 258).for_each(|_| code("1100010100000"));
    code("000000000000000");
    bytes
}

#[tokio::test]
async fn an_answer_that_drips_ends_at_the_time_limit() {
    let begins = once("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    let drips = Answer { on: b"x".to_vec(), pause: Duration::from_millis(50), ..begins };
    let gap = taken(latency(), drips).await.unwrap_err();
    assert_eq!((gap.reason.as_str(), gap.down), ("no answer within 1.5 s", true));
}

#[tokio::test]
async fn what_a_scrape_does_not_hold_or_dates_long_ago_is_a_gap() {
    let scraped = async |text: String| {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        taken(prometheus("pool", PrometheusReading::Value), once(answer)).await
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    assert_eq!(scraped(format!("pool 3 {}\n", now - 60_000)).await, Ok(3.0));
    let stale = scraped(format!("pool 3 {}\n", now - 600_000)).await.unwrap_err();
    assert!(stale.reason.starts_with("pool is stale: its timestamp is 60") && !stale.down, "{stale:?}");
    assert_eq!(scraped("other 3\n".to_owned()).await, Err(Gap::new("/metrics has no pool")));
}
