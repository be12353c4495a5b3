//! What a name or its look says to be a secret, although nobody gave it; and what must stay readable.

use super::*;
use rstest::rstest;

fn shown(text: &str) -> String {
    let whole = run(&[text.as_bytes()]);
    for size in [1, 3, 7] {
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        assert_eq!(run(&chunks), whole, "cut every {size} bytes: {text}");
    }
    whole
}

#[rstest]
// A file of variables.
#[case("DB_PASSWORD=Gr8-Wurzel\nDEBUG=1\n", "DB_PASSWORD=****\nDEBUG=1\n")]
#[case("export API_TOKEN=\"abc def\"\nX=1", "export API_TOKEN=\"****\"\nX=1")]
#[case("SECRET_KEY='a'\n", "SECRET_KEY='a'\n")]
#[case("SECRET_KEY='abcd&;,'\n", "SECRET_KEY='****'\n")]
#[case("csrf_token=abcdefgh\n", "csrf_token=****\n")]
#[case("X_PASSWORD=$ecret*\n", "X_PASSWORD=****\n")]
#[case("MYSQL_PWD=1234\n", "MYSQL_PWD=****\n")]
#[case("STRIPE_SK=a;b&c\n", "STRIPE_SK=****\n")]
#[case("PGPASSWORD=x psql -h db -c 'select 1'", "PGPASSWORD=**** psql -h db -c 'select 1'")]
#[case("SLACK_WEBHOOK_URL=https://h/T0/B0", "SLACK_WEBHOOK_URL=****")]
#[case("docker run -e POSTGRES_PASSWORD=pw9 postgres", "docker run -e POSTGRES_PASSWORD=**** postgres")]
// YAML, TOML, INI, properties.
#[case("password: x\nuser: app\n", "password: ****\nuser: app\n")]
#[case("  db_password:   \"Gr8 Wurzel\"  # live\n", "  db_password:   \"****\"  # live\n")]
#[case("- client_secret: Gr8;Wurzel\n", "- client_secret: ****\n")]
#[case("passphrase: correct horse battery\nnext", "passphrase: ****\nnext")]
#[case("password = Gr8\nport = 5432", "password = ****\nport = 5432")]
#[case("spring.datasource.password=Gr8", "spring.datasource.password=****")]
// JSON, Python, Ruby, in a text that is quoted itself.
#[case("{\"password\": \"x\", \"port\": 5432}", "{\"password\": \"****\", \"port\": 5432}")]
#[case("{\"apiKey\":\"a\\\"bcd\",\"n\":1}", "{\"apiKey\":\"****\",\"n\":1}")]
#[case("{'access_token': 'abcd', 'n': 1}", "{'access_token': '****', 'n': 1}")]
#[case("Settings(db_password='Gr8', port=1)", "Settings(db_password='****', port=1)")]
#[case("Settings(db_password=Gr8, port=1)", "Settings(db_password=****, port=1)")]
#[case("os.environ['DB_PASSWORD'] = 'Gr8'", "os.environ['DB_PASSWORD'] = '****'")]
#[case(":password => 'Gr8', :port => 1", ":password => '****', :port => 1")]
#[case("[parameters: {'u': 'keeper1', 'pass': 'Gr8-x'}]", "[parameters: {'u': 'keeper1', 'pass': '****'}]")]
#[case("pass=Gr8-x\npass: Gr8-x\nPASS=Gr8-x", "pass=****\npass: ****\nPASS=****")]
#[case("Settings(token_key='Gr8-x', n=1)", "Settings(token_key='****', n=1)")]
#[case("\"tokenKey\": \"Gr8-x\"", "\"tokenKey\": \"****\"")]
#[case("x SECRET = b'Gr8-x', n = 1", "x SECRET = b'****', n = 1")]
#[case("[('password', 'Gr8'), ('n', 1)]", "[('password', '****'), ('n', 1)]")]
#[case("\"secret\": [\"Gr8-x\"]", "\"secret\": [\"****\"]")]
#[case("{\"password\": {\"value\": \"Gr8\"}}", "{\"password\": {\"value\": \"****\"}}")]
#[case("{\"name\":\"DB_PASSWORD\",\"value\":\"Gr8\"}", "{\"name\":\"DB_PASSWORD\",\"value\":\"****\"}")]
#[case(
    "- name: DB_PASSWORD\n  value: Gr8\n- name: N\n  value: 1",
    "- name: DB_PASSWORD\n  value: ****\n- name: N\n  value: 1"
)]
#[case(
    "<password>Gr8</password> <add key=\"Password\" value=\"Gr8\"/>",
    "<password>****</password> <add key=\"Password\" value=\"****\"/>"
)]
#[case("password := \"Gr8\"", "password := \"****\"")]
#[case("db.local:5432:*:app:Gr8\n*:*:*:app:Gr9", "db.local:5432:*:app:****\n*:*:*:app:****")]
#[case("session_id: 7f3a9c0d21e84b55", "session_id: ****")]
// Command lines and addresses.
#[case("mysqldump -uroot -pGr8 shop", "mysqldump -uroot -p**** shop")]
#[case("sshpass -p Gr8 ssh h; redis-cli -a Gr8 ping", "sshpass -p **** ssh h; redis-cli -a **** ping")]
#[case("tool --password Gr8 --port 1", "tool --password **** --port 1")]
#[case("tool --api-token=Gr8-x --port=1", "tool --api-token=**** --port=1")]
#[case("curl -u admin:Gr8 https://h/x", "curl -u admin:**** https://h/x")]
#[case("GET /cb?access_token=abcd1234&state=7 200", "GET /cb?access_token=****&state=7 200")]
#[case("ALTER ROLE app PASSWORD 'Gr8';", "ALTER ROLE app PASSWORD '****';")]
#[case("host=db user=app password=Gr8 dbname=shop", "host=db user=app password=**** dbname=shop")]
// By their look.
#[case("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl now", "got **** now")]
#[case("a ghp_0123456789abcdefghijABCDEFGHIJ012345 b", "a **** b")]
#[case("key AKIAIOSFODNN7EXAMPLE in use", "key **** in use")]
#[case("xoxb-123456789012-abcdefABCDEF", "****")]
#[case("sent Bearer 0123456789abcdef to h", "sent Bearer **** to h")]
#[case("session=7f3a9c0d21e84b55 is gone", "session=**** is gone")]
#[case(
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd==\n-----END RSA PRIVATE KEY-----\nnext",
    "-----BEGIN RSA PRIVATE KEY-----\n****\n****\n-----END RSA PRIVATE KEY-----\nnext"
)]
fn what_a_name_or_a_look_calls_secret_is_masked(#[case] text: &str, #[case] masked: &str) {
    assert_eq!(shown(text), masked);
}

#[rstest]
#[case("Key (code)=(a) already exists.")]
#[case("tokens: 4096, max_tokens=100, token_count: 7")]
#[case("pass: 12, fail: 3, passed=15")]
#[case("PASS: test_login_works\n--- PASS: TestLogin (0.00s)\npass=15 fail=0")]
#[case("('id', 'password', 'email') name: lots value: 12 \"value\": \"red\" <b>bold</b> 12:30:05:123: msg")]
#[case("{\"name\": \"colour\", \"value\": \"red\"}\nvalue: 3")]
#[case("PWD=/home/app\nOLDPWD=/\nPATH=/bin\n")]
#[case("FATAL:  password authentication failed for user \"app\"")]
#[case("password: must be at least 8 characters")]
#[case("password: str = Field(min_length=8)")]
#[case("TOKEN_TYPE=bearer token_type: bearer \"token_type\": \"bearer\"")]
#[case("PRIMARY_KEY=id cache_key=lots:42 sort_key: name, primary key: id")]
#[case("DB_PASSWORD=${DB_PASSWORD} API_TOKEN=$TOKEN password: <yours>")]
#[case("unexpected token: ';' at 12:30:05, token=42")]
#[case("password:\n  - one\nsecret: null\nAPI_KEY=\nnext: 1")]
#[case("tests/test_auth.py::test_token PASSED [ 50%]")]
#[case("ps -pretty -p 8080; mkdir -p /srv/app; kill -p1")]
#[case("author: me, authority: 3, monkey=1, keyboard: us, key=value, keys: 5")]
#[case("Bearer authentication is required; the bearer token is missing")]
#[case("a==b password==x != :: c := d -> https://h/a?x=1&y=2 e=f")]
#[case("KeyError: 'DATABASE_URL'")]
#[case("seed.toml:73:9: warning: x\ntoken-service.toml:1:2: error: y\nseed-library-2-0.toml:7: z")]
#[case("rows=12 took=0.4s 12:00:01 lots: 14 -> 14, sha256:9f86d081884c7d65")]
#[case("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n")]
#[case("ask-me sk-ip eyJ AKIA ghp_ don't 'quote' it's")]
fn ordinary_words_and_numbers_stay_readable(#[case] text: &str) {
    assert_eq!(shown(text), text);
}

#[test]
fn a_prompt_for_a_password_shows_at_once() {
    let mut redactor = Redactor::new(Arc::new(Secrets::default()));
    let mut out = Vec::new();
    redactor.text(b"Password: ", &mut out);
    assert_eq!(out, b"Password: ");
}

#[test]
fn a_given_secret_longer_than_the_value_around_it_is_masked_whole() {
    // Given as a secret, it goes on behind the blank that ends the value.
    assert_eq!(shown("token: p@ss-word hunter2!"), "token: **** ****");
    let secrets = Secrets::gather([("A_PASS", &b"two words"[..])], &[]);
    assert_eq!(secrets.mask("X_PASSWORD=two words, y"), "X_PASSWORD=****, y");
    assert_eq!(secrets.mask("X_PASSWORD=a-two words, y"), "X_PASSWORD=**** y");
}

/// Ways to write a name and its value.
const FORMS: [(&str, &str); 12] = [
    ("N=V\n", "\n"),
    ("export N='V'\n", "\n"),
    ("N=V cmd --x\n", "\n"),
    ("\"N\": \"V\", \"b\": 1", ", \"b\": 1"),
    ("{'N': 'V'}", "}"),
    ("N: V\n", "\n"),
    ("  N: \"V\"\n", "\n"),
    ("N = \"V\"\n", "\n"),
    ("x(N='V', y=1)", ", y=1)"),
    ("run --N V --port 1", " --port 1"),
    ("run --N=V --port=1", " --port=1"),
    ("/p?N=V&z=1", "&z=1"),
];

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_127), ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_form_shows_the_value_of_a_secret_name(
        name in prop::sample::select(vec![
            "DB_PASSWORD", "PGPASSWORD", "API_TOKEN", "AWS_SECRET_ACCESS_KEY", "SESSION_SECRET", "password", "db_passwd",
            "clientSecret", "private_key", "access-token", "refresh_token", "SENTRY_DSN", "app.secret",
        ]),
        value in "[a-z][A-Za-z0-9_+/-]{5,40}[0-9][a-z]",
        form in prop::sample::select(FORMS.to_vec()),
        cuts in prop::collection::vec(0_usize..200, 0..6),
    ) {
        let text = form.0.replacen('N', name, 1).replacen('V', &value, 1);
        let secrets = Secrets::default();
        let shown = kept(&secrets, &cut(text.as_bytes(), &cuts));
        prop_assert!(!shown.contains(&value[..4]) || name.contains(&value[..4]), "{text:?}: {shown:?}");
        prop_assert!(shown.contains("****") && shown.ends_with(form.1), "{text:?}: {shown:?}");
    }
}
