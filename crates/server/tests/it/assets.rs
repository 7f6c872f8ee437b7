//! The built app: what may be kept, what is asked for anew, and what a browser may do with it.

use graph_standin::Seed;

use crate::place::Place;

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async fn with_app() -> Place {
    let mut place = Place::stopped(Seed::Small).await;
    let app = place.folder.path().join("app");
    std::fs::create_dir(&app).expect("a new folder");
    let html = format!(
        "<!doctype html><html data-build=\"__TA_BUILD__\">{}</html>",
        " ".repeat(100)
    );
    for (name, text) in [
        ("index.html", html.as_str()),
        ("app-18d4f9ec04c86b22_bg.wasm", "\0asm"),
        ("app-18d4f9ec04c86b22.js", &"let a = 1;".repeat(100)),
        ("app-28d4f9ec04c86b22.css", "plain"),
        ("app-28d4f9ec04c86b22.css.br", "brotli"),
        ("robots.txt", "none"),
        ("../outside.txt", "outside"),
    ] {
        std::fs::write(app.join(name), text).expect("a new file");
    }
    place.app = Some(app);
    place.start().await;
    place
}

#[tokio::test]
async fn every_page_of_the_app_is_the_document_and_names_its_build() {
    let place = with_app().await;
    let browser = place.visitor();
    let build = place
        .admin()
        .await
        .get("/api/me")
        .await
        .json::<contract::api::Me>()
        .build;
    for path in [
        "/",
        "/index.html",
        "/setup",
        "/t/1/bulk-operation-runs/42",
        "/t/1/runs?x=1",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.text().contains(&format!("data-build=\"{build}\"")),
            "{}",
            page.text()
        );
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert_eq!(page.header("content-security-policy"), POLICY);
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
        let known = browser
            .request(reqwest::Method::GET, path)
            .header("if-none-match", page.header("etag"));
        assert_eq!(browser.send(known).await.status, 304);
    }
}

#[tokio::test]
async fn a_hashed_file_is_kept_for_ever_and_a_missing_one_is_no_page() {
    let place = with_app().await;
    let browser = place.visitor();
    let wasm = browser.get("/app-18d4f9ec04c86b22_bg.wasm").await;
    assert_eq!(
        (wasm.status, wasm.header("content-type")),
        (200, "application/wasm")
    );
    assert_eq!(
        wasm.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let plain = browser.get("/robots.txt").await;
    assert_eq!(
        (plain.text().as_str(), plain.header("cache-control")),
        ("none", "no-cache")
    );
    for path in [
        "/app-ffffffffffffffff.js",
        "/nothing.css",
        "/../outside.txt",
        "/..%2foutside.txt",
    ] {
        let missing = browser.get(path).await;
        assert!(!missing.text().contains("outside"), "{path}");
        assert_ne!(missing.status, 200, "{path}");
        assert!(!missing.header("cache-control").contains("immutable"));
    }
}

#[tokio::test]
async fn files_are_compressed_and_a_compressed_one_beside_them_is_used() {
    let place = with_app().await;
    let browser = place.visitor();
    let ask = async |path: &str| {
        let request = browser
            .request(reqwest::Method::GET, path)
            .header("accept-encoding", "br");
        browser.send(request).await
    };
    let ready = ask("/app-28d4f9ec04c86b22.css").await;
    assert_eq!(
        (ready.text().as_str(), ready.header("content-encoding")),
        ("brotli", "br")
    );
    assert_eq!(ready.header("content-type"), "text/css");
    let made = ask("/app-18d4f9ec04c86b22.js").await;
    assert_eq!(made.header("content-encoding"), "br");
    assert!(made.body.len() < 200, "{}", made.body.len());
}

#[tokio::test]
async fn without_an_app_a_page_says_how_to_build_it() {
    let place = Place::small().await;
    let page = place.visitor().get("/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (503, "text/plain; charset=utf-8")
    );
    assert!(page.text().contains("cargo xtask build"), "{}", page.text());
    assert_eq!(
        place
            .admin()
            .await
            .get("/api/tenants")
            .await
            .header("cache-control"),
        "no-store"
    );
}
