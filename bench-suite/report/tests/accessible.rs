//! axe-core, in a real browser, finds nothing serious in the pages: light, dark and as printed, all of it unfolded.

mod chromium;
mod sample;

use std::path::Path;

use chromium::{browser, console, open, written};

/// Where `make tools` puts axe-core.
const AXE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/axe/axe_playwright_python/axe.min.js");

/// Unfolds everything, then writes what is serious into the title: the rule, and where it is broken.
const DRIVER: &str = "addEventListener('load',async()=>{\
    document.querySelectorAll('details').forEach((one)=>one.open=true);\
    await new Promise((done)=>setTimeout(done,200));\
    const serious=async(where)=>(await axe.run(where,{resultTypes:['violations'],iframes:false,RULES}))\
    .violations.filter((one)=>['serious','critical'].includes(one.impact))\
    .map((one)=>[one.id,one.nodes.slice(0,5).map((node)=>node.html.slice(0,160))]);\
    const found=await serious(document),planted=document.body.appendChild(document.createElement('p'));\
    planted.textContent='planted';planted.style='color:#777;background:#888';\
    document.title=JSON.stringify([found,(await serious(planted)).map(([id])=>id)])})";

/// axe-core. Without it the test is skipped, except in CI, where it fails.
fn axe() -> Option<String> {
    let found = std::fs::read_to_string(Path::new(AXE)).ok();
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI needs axe-core: make tools");
        eprintln!("skipped: no axe-core at {AXE}; make tools");
    }
    found
}

#[test]
fn nothing_serious_is_found() {
    let (Some(browser), Some(axe)) = (browser(), axe()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let session = sample::session();
    // What depends on colours alone is looked at in each of them, everything else once.
    let (every, colours) = ("", "runOnly:['color-contrast','link-in-text-block']");
    let driven = |page: &str, rules: &str| {
        let driver = DRIVER.replace("RULES", rules);
        page.replace("</body>", &format!("<script>{axe}</script><script>{driver}</script></body>"))
    };
    let page = report::page(&session);
    // A browser without a window shows no paper: there the rules for print hold on the screen.
    let printed = page.replace("@media print", "@media all");
    let trends = report::trends(&[session.clone(), session]);
    let (light, dark) =
        ("--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0");
    for (name, page, rules, theme) in [
        ("light", &page, every, light),
        ("dark", &page, colours, dark),
        ("print", &printed, colours, light),
        ("trends", &trends, every, dark),
    ] {
        let file = written(&folder, &format!("{name}.html"), &driven(page, rules));
        let (dom, stderr) =
            open(&browser, &folder, &file, &["--dump-dom", "--virtual-time-budget=20000", theme]);
        assert_eq!(console(&stderr), [""; 0], "{name}");
        let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
        // The planted fault is found, nothing else is.
        assert_eq!(title, "[[],[\"color-contrast\"]]", "{name}");
    }
}
