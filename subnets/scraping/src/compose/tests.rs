use super::*;
use crate::value::Kind;

#[test]
fn pages_follow_from_secret_and_seed_and_values_are_in_their_one_form() {
    let composer = Composer::new(&[1; 32]);
    for number in 0..200 {
        let seed = Seed([2; 32]).derive(b"", number);
        let site = composer.site(&seed);
        let (fields, page) = (site.fields(), site.example(&seed));
        assert_eq!(page, composer.site(&seed).example(&seed));
        assert!(page.rows.len() as u64 >= LEAST_SHOWN);
        for row in &page.rows {
            assert_eq!(row.len(), fields.len());
            for (value, field) in row.iter().zip(&fields) {
                assert!(field.kind.is_form(value), "{}: {value}", field.name);
            }
            assert!(!row[0].is_empty(), "a row has a name");
        }
        assert_ne!(page.rows, Composer::new(&[9; 32]).site(&seed).example(&seed).rows, "another secret");
    }
}

#[test]
fn every_value_is_readable_in_the_way_of_its_site() {
    let mut rng = Seed([3; 32]).derive(b"", 0).rng();
    let composer = Composer::new(&[1; 32]);
    for _ in 0..3000 {
        let writing = Writing::draw(&mut rng);
        for maker in ["price", "decimal", "rating", "signed", "count", "large", "year", "date"].map(Maker::of)
        {
            let value = maker.make(&composer.words, &mut rng);
            let written = writing.write(&maker, &value);
            let reads =
                |reading: &crate::value::Reading| reading.read(&written, None).as_ref() == Some(&value);
            assert!(maker.kind().readings().iter().any(reads), "{value} as {written}");
        }
    }
}

#[test]
fn pages_are_small_and_have_what_they_show() {
    let composer = Composer::new(&[1; 32]);
    let mut largest = 0;
    for number in 0..200 {
        let seed = Seed([4; 32]).derive(b"", number);
        let site = composer.site(&seed);
        let page = site.page(2, &seed);
        largest = largest.max(page.html.len());
        let names = page.rows.iter().map(|row| row[0].replace('&', "&amp;"));
        names.for_each(|name| assert!(page.html.contains(&name), "{name}"));
        assert_eq!(site.fields()[0].kind, Kind::Text);
    }
    assert!(largest < 40_000, "{largest}");
}
