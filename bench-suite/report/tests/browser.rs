//! A real browser opens the pages: no error on its console, light and dark both drawn, nothing asked of a network.

mod chromium;
mod sample;

use std::path::PathBuf;

use chromium::{browser, console, open, written};

#[test]
fn the_page_is_drawn_and_its_script_runs() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let page = report::page(&sample::session());
    let file = written(&folder, "index.html", &page);
    let (dom, stderr) = open(&browser, &folder, &file, &["--dump-dom"]);
    assert_eq!(console(&stderr), [""; 0]);
    assert!(dom.contains("id=\"read\""), "the script puts a read-out into the page");
    for id in [
        "verdict",
        "overview",
        "ran",
        "w1",
        "w1-maps",
        "w1-latency",
        "w1-slots",
        "w1-memory",
        "w1-cpu",
        "method",
    ] {
        assert!(dom.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert_eq!(dom.matches("<svg").count(), page.matches("<svg").count());
}

/// The script answers the pointer: a read-out beside it, a line brought out by a click, a table put in order.
#[test]
fn the_page_answers_the_pointer() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let driver = "<script>addEventListener('load',()=>{\
        document.querySelectorAll('details').forEach((one)=>one.open=true);\
        const svg=document.querySelector('svg.lines'),box=svg.getBoundingClientRect();\
        const at={clientX:box.left+box.width*.4,clientY:box.top+50,bubbles:true};\
        svg.dispatchEvent(new PointerEvent('pointermove',at));\
        const read=document.getElementById('read').textContent;\
        const line=svg.querySelector('.s'),was=line.classList.contains('highlighted');\
        line.dispatchEvent(new MouseEvent('click',{bubbles:true}));\
        const now=line.classList.contains('highlighted');\
        const table=document.querySelector('table.compare');\
        table.tHead.rows[1].cells[0].click();\
        const names=[...table.tBodies[0].rows].map((row)=>row.cells[0].firstElementChild.nextSibling.textContent);\
        document.title=JSON.stringify({read,was,now,names})})</script></body>";
    let page = report::page(&sample::session()).replace("</body>", driver);
    let (dom, stderr) = open(&browser, &folder, &written(&folder, "driven.html", &page), &["--dump-dom"]);
    assert_eq!(console(&stderr), [""; 0]);
    let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.replace("&amp;", "&");
    let told: serde_json::Value = serde_json::from_str(&title).unwrap();
    let read = told["read"].as_str().unwrap();
    assert!(read.contains('%') && read.contains("hashbrown") && read.contains("µs"), "{read}");
    assert_ne!(told["was"], told["now"]);
    let names: Vec<&str> =
        told["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.len() > 3, "{names:?}");
}

/// What explains a load is folded: a link leads into it, a flamegraph is drawn when it is opened, and nothing is wider
/// than the page, folded or not.
#[test]
fn what_is_folded_opens_and_fits() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let driver = "<script>addEventListener('load',()=>{\
        const fold=(id)=>document.querySelector('#'+id+'>details.fold').open,root=document.documentElement;\
        const told={led:fold('w1-slots'),other:fold('w1-memory'),folded:root.scrollWidth<=innerWidth,short:root.scrollHeight};\
        told.before=document.querySelectorAll('iframe[src]').length;\
        document.querySelector('.unfold').click();\
        document.querySelectorAll('details').forEach((one)=>one.open=true);\
        setTimeout(()=>{told.after=document.querySelectorAll('iframe[src]').length;\
        told.unfolded=root.scrollWidth<=innerWidth;told.long=root.scrollHeight;\
        document.title=JSON.stringify(told)},100)})</script></body>";
    let page = report::page(&sample::session()).replace("</body>", driver);
    let file = written(&folder, "folded.html", &page);
    let led = PathBuf::from(format!("{}#w1-slots", file.display()));
    let arguments = ["--dump-dom", "--virtual-time-budget=5000"];
    let (dom, stderr) = open(&browser, &folder, &led, &arguments);
    assert_eq!(console(&stderr), [""; 0]);
    let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    let told: serde_json::Value = serde_json::from_str(title).unwrap();
    assert_eq!((&told["led"], &told["other"]), (&true.into(), &false.into()), "{told}");
    assert_eq!((&told["folded"], &told["unfolded"]), (&true.into(), &true.into()), "{told}");
    assert_eq!(told["before"], 0, "{told}");
    assert!(told["after"].as_u64() > Some(0) && told["long"].as_u64() > told["short"].as_u64(), "{told}");
}

#[test]
fn light_and_dark_are_both_drawn() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let page = written(&folder, "index.html", &report::page(&sample::session()));
    let shot = |name: &str, theme: &str| {
        let file = folder.path().join(name);
        open(&browser, &folder, &page, &[&format!("--screenshot={}", file.display()), theme]);
        std::fs::read(file).unwrap()
    };
    let light = shot("light.png", "--blink-settings=preferredColorScheme=1");
    let dark = shot("dark.png", "--blink-settings=preferredColorScheme=0");
    // An empty page of this size is a few KB.
    assert!(light.starts_with(b"\x89PNG") && light.len() > 40_000, "{}", light.len());
    assert!(dark.starts_with(b"\x89PNG") && dark.len() > 40_000, "{}", dark.len());
    assert!(light != dark);
}

#[test]
fn hostile_names_run_nothing() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let hostile = "</style></title><script>console.error(1)</script><img src=x onerror=console.error(2)>";
    let page = report::page(&sample::sized(&["hashbrown", hostile], &[hostile], 1, 3));
    let (_, stderr) = open(&browser, &folder, &written(&folder, "hostile.html", &page), &["--dump-dom"]);
    assert_eq!(console(&stderr), [""; 0]);
}

#[test]
fn all_sessions_and_flamegraphs_open() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let session = sample::session();
    let trends = written(&folder, "trends.html", &report::trends(&[session.clone(), session.clone()]));
    let (dom, stderr) = open(&browser, &folder, &trends, &["--dump-dom"]);
    assert_eq!(console(&stderr), [""; 0]);
    assert!(dom.contains("id=\"trend\""));
    let (_, svg) = report::flame::files(&session)
        .into_iter()
        .find(|(path, _)| path.rsplit('.').next() == Some("svg"))
        .unwrap();
    let svg = written(&folder, "flame.svg", &String::from_utf8(svg).unwrap());
    let (_, stderr) = open(&browser, &folder, &svg, &["--dump-dom"]);
    assert_eq!(console(&stderr), [""; 0]);
}

/// The title into which a driver wrote what it saw.
fn told(dom: &str) -> serde_json::Value {
    let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    serde_json::from_str(&title.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")).unwrap()
}

/// Every kind of drawing is read by the arrow keys, and what is hidden by a name moves the axis.
#[test]
fn every_drawing_is_read_by_the_keyboard() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let driver = "<script>addEventListener('load',()=>setTimeout(()=>{\
        document.querySelectorAll('details').forEach((one)=>one.open=true);\
        const read=document.getElementById('read'),told={};\
        const press=(at,key)=>at.dispatchEvent(new KeyboardEvent('keydown',{key,bubbles:true,cancelable:true}));\
        for(const one of ['lines','cloud','matrix','heat','bars','film']){\
        const svg=document.querySelector(one==='heat'?'.heat svg':'svg.'+one);\
        svg.focus();told[one]=[];\
        for(const key of ['ArrowDown','ArrowRight','ArrowUp']){press(svg,key);told[one].push(read.textContent)}\
        told[one].push(document.activeElement===svg);svg.blur();told[one].push(read.hidden)}\
        const svg=document.querySelector('#w1-heap svg'),entries=[...svg.querySelectorAll('.entry')];\
        const ticks=()=>[...svg.querySelectorAll('.tick.end')].filter((one)=>one.checkVisibility()).map((one)=>one.textContent).join();\
        told.before=ticks();entries[0].focus();\
        press(entries[0],'ArrowDown');told.moved=document.activeElement!==entries[0]&&document.activeElement.matches('.entry');\
        entries.filter((one)=>one.parentNode.dataset.name!=='std').forEach((one)=>press(one,'Enter'));\
        told.pressed=entries.map((one)=>[one.parentNode.dataset.name,one.getAttribute('aria-pressed')]);\
        told.after=ticks();\
        entries.filter((one)=>one.parentNode.dataset.name!=='std').forEach((one)=>press(one,' '));told.again=ticks();\
        document.title=JSON.stringify(told)},200))</script></body>";
    let page = report::page(&sample::session()).replace("</body>", driver);
    let arguments = ["--dump-dom", "--virtual-time-budget=5000"];
    let (dom, stderr) = open(&browser, &folder, &written(&folder, "keys.html", &page), &arguments);
    assert_eq!(console(&stderr), [""; 0]);
    let told = told(&dom);
    for (one, what) in [
        ("lines", "%"),
        ("cloud", "operations a second"),
        ("matrix", ""),
        ("heat", "took"),
        ("bars", "reused slot"),
        ("film", "never used"),
    ] {
        let [down, right, up] = [0, 1, 2].map(|at| told[one][at].as_str().unwrap());
        assert!(down.contains(what) && !down.is_empty() && right != up, "{one}: {told}");
        // A bar is read as a whole.
        assert_eq!(down == right, one == "bars", "{one}: {told}");
        assert_eq!((&told[one][3], &told[one][4]), (&true.into(), &true.into()), "{one}: {told}");
    }
    assert_eq!(told["moved"], true, "{told}");
    let pressed = told["pressed"].as_array().unwrap();
    assert!(pressed.iter().all(|one| (one[0] == "std") == (one[1] == "true")), "{told}");
    assert!(told["before"] != told["after"] && told["before"] == told["again"], "{told}");
}

/// What somebody opens and colours is in the address, and such an address opens and colours it.
#[test]
fn a_view_is_a_link() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let seen = "const on=(map)=>document.querySelector('#w1-heap .s[data-name='+map+']').classList.contains('highlighted');\
        const fold=document.querySelector('#w1-memory>details.fold');";
    let driver = format!(
        "<script>addEventListener('load',()=>{{{seen}\
        const told={{led:fold.open,before:on('btree')}};\
        document.querySelector('#w1-slots>details.fold>summary').click();\
        document.querySelector('#w1-heap .s[data-name=btree] .line').dispatchEvent(new MouseEvent('click',{{bubbles:true}}));\
        told.after=on('btree');told.hash=location.hash;document.title=JSON.stringify(told)}})</script></body>"
    );
    let page = report::page(&sample::session()).replace("</body>", &driver);
    let file = written(&folder, "view.html", &page);
    let led = PathBuf::from(format!("{}#w1-memory?not=btree", file.display()));
    let (dom, stderr) = open(&browser, &folder, &led, &["--dump-dom"]);
    assert_eq!(console(&stderr), [""; 0]);
    let told = told(&dom);
    assert_eq!(
        (&told["led"], &told["before"], &told["after"]),
        (&true.into(), &false.into(), &true.into()),
        "{told}"
    );
    assert_eq!(told["hash"], "#w1-slots", "{told}");
}

/// What is dragged over is drawn over the whole width and stands in the address; a double click goes back.
#[test]
fn a_stretch_of_a_chart_is_zoomed_and_a_link() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let driver = "<script>addEventListener('load',()=>{\
        const svg=document.querySelector('#w1-heap svg'),line=svg.querySelector('.s.highlighted .line'),told={};\
        const seen=(name)=>{told[name]=[svg.classList.contains('zoomed'),location.hash,line.getAttribute('transform')??'',\
        [...svg.querySelectorAll('.tick.mid')].filter((one)=>one.checkVisibility()).map((one)=>one.textContent)]};\
        seen('led');\
        svg.dispatchEvent(new MouseEvent('dblclick',{bubbles:true}));seen('whole');\
        svg.setPointerCapture=()=>{};\
        const box=svg.getBoundingClientRect(),was=line.closest('.s').classList.contains('highlighted');\
        const at=(kind,x)=>line.dispatchEvent(new PointerEvent(kind,{clientX:box.left+box.width*x,clientY:box.top+box.height*.4,\
        bubbles:true,button:0,pointerType:'mouse'}));\
        at('pointerdown',.3);at('pointermove',.4);at('pointermove',.5);at('pointerup',.5);\
        line.dispatchEvent(new MouseEvent('click',{bubbles:true}));seen('dragged');\
        told.chosen=was!==line.closest('.s').classList.contains('highlighted');\
        const press=(key)=>svg.dispatchEvent(new KeyboardEvent('keydown',{key,bubbles:true,cancelable:true}));\
        press('+');seen('closer');press('Escape');seen('back');\
        document.title=JSON.stringify(told)})</script></body>";
    let page = report::page(&sample::session()).replace("</body>", driver);
    let file = written(&folder, "zoomed.html", &page);
    let led = PathBuf::from(format!("{}#w1-memory?zoom=w1-heap:100000:200000", file.display()));
    let (dom, stderr) = open(&browser, &folder, &led, &["--dump-dom"]);
    assert_eq!(console(&stderr), [""; 0]);
    let told = told(&dom);
    let is_zoomed = |name: &str| told[name][0].as_bool().unwrap();
    assert_eq!(
        ["led", "whole", "dragged", "closer", "back"].map(is_zoomed),
        [true, false, true, true, false],
        "{told}"
    );
    assert_eq!(told["whole"][1], "#w1-memory", "{told}");
    assert!(told["dragged"][1].as_str().unwrap().starts_with("#w1-memory?zoom=w1-heap:"), "{told}");
    let ticks = |name: &str| told[name][3].as_array().unwrap().clone();
    assert!(ticks("led").contains(&"140 k".into()) && ticks("led") != ticks("whole"), "{told}");
    assert_eq!((ticks("whole"), &told["whole"][2]), (ticks("back"), &told["back"][2]), "{told}");
    assert_ne!(told["dragged"][2], told["closer"][2], "{told}");
    assert_eq!(told["chosen"], false, "a drag over a line does not choose it");
}
