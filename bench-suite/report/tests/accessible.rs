//! axe-core, in a real browser, finds nothing serious in the pages: light, dark and as printed, all of it unfolded.

mod chromium;
mod sample;

use std::path::Path;

use chromium::{browser, console, open, written};

/// Where `make tools` puts axe-core.
const AXE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/axe/axe_playwright_python/axe.min.js");

/// Unfolds everything, then writes what is serious, and which places share a name, into the title: the rule, and where it
/// is broken. Every rule is asked once; that of contrast, the dearest, for one text of each kind, in each of the three
/// looks. A browser without a window shows no paper, so there the rules for print hold on the screen. Last a planted fault
/// must be found.
const DRIVER: &str = "addEventListener('load',async()=>{\
    document.querySelectorAll('details').forEach((one)=>one.open=true);\
    await new Promise((done)=>setTimeout(done,200));\
    const found=[],contrast={runOnly:['color-contrast']};\
    const ask=async(look,where,rules)=>(await axe.run(where,{resultTypes:['violations'],iframes:false,...rules}))\
    .violations.filter((one)=>['serious','critical'].includes(one.impact)||one.id==='landmark-unique')\
    .forEach((one)=>found.push([look,one.id,one.nodes.slice(0,5).map((node)=>node.html.slice(0,160))]));\
    await ask('page',document,{rules:{'color-contrast':{enabled:false}}});\
    const kinds=new Map(),named=(one)=>one.localName+'.'+(one.getAttribute('class')??'');\
    for(const one of document.querySelectorAll('body *')){\
    if(![...one.childNodes].some((node)=>node.nodeType===3&&node.data.trim()))continue;\
    const kind=[one,one.parentElement,one.parentElement.parentElement].map(named).join(' ');\
    if(!kinds.has(kind))kinds.set(kind,one)}\
    const style=document.querySelector('style'),light=style.textContent;\
    for(const [look,medium] of [['light',''],['print',/@media print/g],\
    ['dark',/@media *(screen and )?\\(prefers-color-scheme: *dark\\)/g]]){\
    style.textContent=medium?light.replace(medium,'@media all'):light;\
    if(medium&&style.textContent===light)found.push(look);\
    await ask(look,{include:[...kinds.values()]},contrast)}\
    const planted=document.body.appendChild(document.createElement('p'));\
    planted.textContent='planted';planted.style='color:#777;background:#888';\
    await ask('planted',planted,contrast);\
    document.title=JSON.stringify(found.map((one)=>one[0]==='planted'?one.slice(0,2):one))})";

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
    for (name, page) in
        [("page", report::page(&session)), ("trends", report::trends(&[session.clone(), session.clone()]))]
    {
        let driver = format!("<script>{axe}</script><script>{DRIVER}</script></body>");
        let file = written(&folder, &format!("{name}.html"), &page.replace("</body>", &driver));
        let arguments =
            ["--dump-dom", "--virtual-time-budget=20000", "--blink-settings=preferredColorScheme=1"];
        let (dom, stderr) = open(&browser, &folder, &file, &arguments);
        assert_eq!(console(&stderr), [""; 0], "{name}");
        let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
        assert_eq!(title, r#"[["planted","color-contrast"]]"#, "{name}");
    }
}
