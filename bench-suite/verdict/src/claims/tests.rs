use super::*;

#[test]
fn the_article_has_67_claims() {
    let numbers: Vec<u8> = all().map(|claim| claim.number).collect();
    assert_eq!(numbers, (1..=67).collect::<Vec<u8>>());
}
