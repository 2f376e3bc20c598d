//! Limit on the bytes of answers that a validator holds during a round.
//!
//! Answers are held until it is drawn which of them are judged, and those that are become evidence. What a miner writes
//! into them is its own affair, so each has a share of the room, and what it pads its answers with is taken from that
//! of nobody else.
//!
//! An answer is held as it came and as it was read. Read, a list of three bytes takes sixty, so an answer is charged
//! by what it may become ([`room_of`]).

/// Most bytes of answers of a round. An honest answer has a few hundred, so no honest miner comes near its share.
pub const ROUND_BYTES: usize = 256 << 20;

/// Room that each miner has left.
pub(super) struct Held(Vec<usize>);

impl Held {
    /// Equal shares of `bytes`.
    pub(super) fn new(bytes: usize, miners: usize) -> Self {
        Self(vec![bytes / miners.max(1); miners])
    }

    /// Takes room for `bytes` more bytes of a miner, and returns whether there was enough.
    pub(super) fn takes(&mut self, miner: usize, bytes: usize) -> bool {
        let left = self.0.get_mut(miner);
        left.is_some_and(|left| left.checked_sub(bytes).map(|rest| *left = rest).is_some())
    }
}

/// Bytes of a list, a map or a text beside its content, with the room that the allocator gives it; bytes of a number.
const LIST: usize = 64;
const NUMBER: usize = 8;

/// The room of an answer in JSON: its bytes, 64 for each list, map and text in it, 8 for each further value. A list in
/// a list with one number in it may take a quarter more than that.
pub(super) fn room_of(answer: &[u8]) -> usize {
    let (mut room, mut in_text, mut escaped) = (answer.len(), false, false);
    for byte in answer {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => {
                in_text = !in_text;
                room += if in_text { LIST } else { 0 };
            }
            b'[' | b'{' if !in_text => room += LIST,
            b',' if !in_text => room += NUMBER,
            _ => {}
        }
    }
    room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_numbers_take_the_room_of_what_they_become() {
        let text = br#"{"text":"a, [b] and \"{c}\", d"}"#;
        assert_eq!(room_of(text), text.len() + 3 * LIST, "what stands in a text takes its bytes");
        // An allocation takes a multiple of sixteen bytes, eight of them for itself.
        let chunk = |bytes: usize| if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) };
        for list in ["[]", "[0]", "[0,0,0,0,0]"] {
            let lists = format!("[{}{list}]", format!("{list},").repeat(1_023));
            let read: Vec<Vec<u32>> = serde_json::from_str(&lists).unwrap();
            let inner: usize = read.iter().map(|list| chunk(4 * list.capacity())).sum();
            let held = lists.len() + chunk(24 * read.capacity()) + inner;
            assert!(room_of(lists.as_bytes()) >= held, "{list}: {held}");
        }
        let texts = format!("[{}\"a\"]", "\"a\",".repeat(1_023));
        let read: Vec<String> = serde_json::from_str(&texts).unwrap();
        let inner: usize = read.iter().map(|text| chunk(text.capacity())).sum();
        assert!(room_of(texts.as_bytes()) >= texts.len() + chunk(24 * read.capacity()) + inner);
        let numbers = format!("[{}0]", "0,".repeat(999));
        let read: Vec<u64> = serde_json::from_str(&numbers).unwrap();
        assert!(room_of(numbers.as_bytes()) >= size_of_val(read.as_slice()));
    }

    #[test]
    fn a_miner_fills_its_own_share_only() {
        let mut held = Held::new(1_000, 2);
        assert!(held.takes(0, 400) && !held.takes(0, 101), "500 bytes each");
        assert!(held.takes(0, 100), "what was not taken takes no room");
        assert!(held.takes(1, 500) && !held.takes(1, 1));
        assert!(!held.takes(2, 0), "nobody has that number");
    }
}
