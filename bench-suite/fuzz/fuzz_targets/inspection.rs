#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (fuzz::target::by_name("inspection").expect("it is listed").run)(bytes);
});
