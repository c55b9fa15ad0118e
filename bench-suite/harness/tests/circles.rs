//! Modules are layers: of two that stand beside each other, each with all that is in it, only one uses the other.
//!
//! What counts is every `use` and every path that starts with `crate`, `self` or `super`, outside of tests. A name
//! that a module hands on (`pub use self::part::Name`) leads to where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde_json::Value;

/// The names that lead to a module from the root of its crate: `["gate", "timing"]`.
type Place = Vec<String>;

#[test]
fn no_two_modules_use_each_other() {
    let found = |(name, root): (String, PathBuf)| {
        let circles = Crate::read(&root).circles();
        (!circles.is_empty()).then(|| format!("{name} has a circle:\n{}", circles.join("\nand\n")))
    };
    let wrong: Vec<String> = crates().into_iter().filter_map(found).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_circle_is_found_through_parts_and_names_handed_on() {
    let circles = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Crate::read(&folder.path().join("lib.rs")).circles().len()
    };
    let (lib, a) = (("lib.rs", "mod a;\nmod b;"), ("a.rs", "use crate::b::B;"));
    assert_eq!(circles(&[lib, a, ("b.rs", "pub struct B;")]), 0);
    assert_eq!(circles(&[lib, a, ("b.rs", "fn f() { g!({ crate::a::h() }) }")]), 1);
    assert_eq!(circles(&[lib, a, ("b.rs", "#[cfg(test)]\nmod tests { use crate::a::A; }")]), 0);
    // What `b` hands on is used by who takes it, and that is no use of `b`.
    assert_eq!(circles(&[lib, ("a.rs", "use crate::b::A;"), ("b.rs", "pub use crate::a::A;")]), 0);
    let a =
        [("a.rs", "mod deep;\npub use self::deep::Deep;"), ("a/deep.rs", "use crate::{b::{self, B as C}};")];
    let b = [("b.rs", "mod inner;"), ("b/inner.rs", "use super::super::a::Deep as Other;")];
    assert_eq!(circles(&[&[lib], &a[..], &b[..]].concat()), 1);
}

/// The crates of the workspace, by name, with the file that each begins with.
fn crates() -> Vec<(String, PathBuf)> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let metadata: Value = serde_json::from_slice(&cargo.output().unwrap().stdout).unwrap();
    let root = |package: &Value| {
        let targets = package["targets"].as_array().unwrap();
        let of = |kind: &str| targets.iter().find(|target| target["kind"].as_array().unwrap()[0] == kind);
        // The programs of a crate that is a library as well use it from outside.
        let target = of("lib").or_else(|| of("bin")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_string();
        (text(&package["name"]), text(&target["src_path"]).into())
    };
    metadata["packages"].as_array().unwrap().iter().map(root).collect()
}

/// A file of a crate.
struct Module {
    file: PathBuf,
    said: Said,
}

/// All files of a crate.
struct Crate {
    modules: BTreeMap<Place, Module>,
    /// Where the names lead that a module hands on.
    handed_on: BTreeMap<(Place, String), Place>,
}

impl Crate {
    fn read(root: &Path) -> Self {
        let mut this = Self { modules: BTreeMap::new(), handed_on: BTreeMap::new() };
        let mut waiting = vec![(Place::new(), root.to_path_buf())];
        while let Some((place, file)) = waiting.pop() {
            let said = Said::of(&file);
            let folder = match file.file_stem().unwrap().to_str().unwrap() {
                "lib" | "main" | "mod" => file.with_file_name(""),
                _ => file.with_extension(""),
            };
            for name in &said.modules {
                let files = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
                let part = files.iter().find(|file| file.is_file());
                let part = part.unwrap_or_else(|| panic!("{}: where is `{name}`?", file.display()));
                waiting.push((within(&place, name), part.clone()));
            }
            this.modules.insert(place, Module { file, said });
        }
        for (place, module) in &this.modules {
            for path in module.said.paths.iter().filter(|path| path.handed_on) {
                if let (Some(to), Some(name)) = (this.leads(place, &path.names), path.names.last()) {
                    this.handed_on.insert((place.clone(), name.clone()), to);
                }
            }
        }
        this
    }

    /// The module that a path in the module at `from` leads to; none if it leads out of the crate.
    fn leads(&self, from: &[String], path: &[String]) -> Option<Place> {
        let is_root = |name: &str| matches!(name, "crate" | "self" | "super");
        let first = path.first()?;
        if !is_root(first) && !self.modules.contains_key(&within(from, first)) {
            return None;
        }
        let mut place = from.to_vec();
        for name in path {
            match name.as_str() {
                "crate" => place.clear(),
                "self" => {}
                "super" => drop(place.pop()?),
                name if self.modules.contains_key(&within(&place, name)) => place.push(name.into()),
                name => {
                    let handed_on = self.handed_on.get(&(place.clone(), name.into()));
                    return Some(handed_on.cloned().unwrap_or(place));
                }
            }
        }
        Some(place)
    }

    /// Which module uses which, and a sentence that says so.
    fn uses(&self) -> BTreeMap<(Place, Place), String> {
        let mut uses = BTreeMap::new();
        for (place, module) in &self.modules {
            for path in module.said.paths.iter().filter(|path| !path.handed_on) {
                if let Some(to) = self.leads(place, &path.names) {
                    let sentence = || format!("  {} uses {}", module.file.display(), path.names.join("::"));
                    uses.entry((place.clone(), to)).or_insert_with(sentence);
                }
            }
        }
        uses
    }

    /// One circle for each module whose parts use each other in circles.
    fn circles(&self) -> Vec<String> {
        let uses = self.uses();
        let circle = |parent: &Place| {
            let part = |place: &Place| Some(place.strip_prefix(&parent[..])?.first()?.clone());
            let mut edges = Edges::new();
            for ((from, to), sentence) in &uses {
                match (part(from), part(to)) {
                    (Some(from), Some(to)) if from != to => {
                        edges.entry(from).or_default().entry(to).or_insert_with(|| sentence.clone());
                    }
                    _ => {}
                }
            }
            let mut done = BTreeSet::new();
            edges.keys().find_map(|start| follow(start, &edges, &mut Vec::new(), &mut done))
        };
        self.modules.keys().filter_map(circle).collect()
    }
}

fn within(place: &[String], name: &str) -> Place {
    [place, &[name.to_string()]].concat()
}

/// Which part uses which, and a sentence that says so.
type Edges = BTreeMap<String, BTreeMap<String, String>>;

/// The sentences of a circle that is met on the way on from here.
fn follow<'a>(
    at: &'a str,
    edges: &'a Edges,
    way: &mut Vec<(&'a str, &'a str)>,
    done: &mut BTreeSet<&'a str>,
) -> Option<String> {
    if let Some(first) = way.iter().position(|(part, _)| *part == at) {
        return Some(way[first..].iter().map(|(_, sentence)| *sentence).collect::<Vec<_>>().join("\n"));
    }
    if !done.insert(at) {
        return None;
    }
    edges.get(at).into_iter().flatten().find_map(|(to, sentence)| {
        way.push((at, sentence));
        let met = follow(to, edges, way, done);
        way.pop();
        met
    })
}

/// What a file says of modules.
#[derive(Default)]
struct Said {
    /// Those that it declares in files of their own.
    modules: Vec<String>,
    /// Paths that may lead to some.
    paths: Vec<Named>,
}

/// A path, and whether it is there to be used by others.
struct Named {
    names: Vec<String>,
    handed_on: bool,
}

impl Said {
    fn of(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut said = Self::default();
        said.walk(tokens);
        said
    }

    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += match rest {
                [TokenTree::Punct(sign), TokenTree::Group(group), ..]
                    if sign.as_char() == '#' && group.to_string().replace(' ', "") == "[cfg(test)]" =>
                {
                    2 + length_of_item(&rest[2..])
                }
                [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(end), ..]
                    if *word == "mod" && end.as_char() == ';' =>
                {
                    self.modules.push(name.to_string());
                    3
                }
                [TokenTree::Ident(word), ..] if *word == "use" => {
                    let before = at.checked_sub(1).map(|before| &tokens[before]);
                    let handed_on = match before {
                        Some(TokenTree::Ident(word)) => *word == "pub",
                        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
                        _ => false,
                    };
                    1 + self.tree(&rest[1..], &[], handed_on)
                }
                [TokenTree::Ident(word), rest @ ..]
                    if (*word == "crate" || *word == "self" || *word == "super") && is_joint(rest) =>
                {
                    self.tree(&tokens[at..], &[], false)
                }
                [TokenTree::Group(group), ..] => {
                    self.walk(group.stream());
                    1
                }
                _ => 1,
            };
        }
    }

    /// Notes every path of a tree such as `a::{b, c::*}` and says how many tokens it has.
    fn tree(&mut self, tokens: &[TokenTree], before: &[String], handed_on: bool) -> usize {
        let (mut names, mut at) = (before.to_vec(), 0);
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(name)) => {
                    names.push(name.to_string());
                    at += 1;
                    if is_joint(&tokens[at..]) {
                        at += 2;
                        continue;
                    }
                    // `self` in braces is the module itself.
                    names.truncate(names.len() - usize::from(names.len() > 1 && *name == "self"));
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let commas =
                        |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',');
                    for tree in inner.split(commas).filter(|tree| !tree.is_empty()) {
                        self.tree(tree, &names, handed_on);
                    }
                    return at + 1;
                }
                _ => {}
            }
            self.paths.push(Named { names, handed_on });
            return at;
        }
    }
}

/// Whether `::` follows.
fn is_joint(tokens: &[TokenTree]) -> bool {
    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ':');
    tokens.len() > 1 && tokens[..2].iter().all(colon)
}

/// How many tokens an item has, its attributes included: it ends with braces or with `;`.
fn length_of_item(tokens: &[TokenTree]) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    tokens.iter().position(is_end).map_or(tokens.len(), |end| end + 1)
}
