//! Tables for people, fitted to the width of the terminal: no number and no address is ever broken.

use std::fmt;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, TableStyle,
};
use myelin_wire::ss58;

/// Columns apart by space, a line below the header, nothing else.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::new(' ', ' ', ' '))
    .header_separator(LineStyle::new(' ', '─', ' ', ' '))
    .content_lines(ContentLineStyle::new(' ', ' ', ' '));

/// The narrowest that a column of text may become by wrapping.
const NARROWEST: usize = 16;

/// A table: named columns, of which the first are text and the others numbers.
#[derive(Clone, Debug)]
pub struct Table {
    headers: Vec<String>,
    left: usize,
    rows: Vec<Vec<String>>,
    least: Vec<&'static str>,
    whole_addresses: bool,
}

impl Table {
    /// A table whose columns after the first `left` are numbers.
    pub fn new(headers: &[&str], left: usize) -> Self {
        let headers = headers.iter().map(|header| (*header).to_owned()).collect();
        Table { headers, left, rows: Vec::new(), least: Vec::new(), whole_addresses: false }
    }

    /// Names the columns that a narrow terminal leaves out, the least important first.
    pub fn least_important(mut self, columns: &[&'static str]) -> Self {
        self.least = columns.to_vec();
        self
    }

    /// Leaves columns out before it shortens addresses: this table is there to copy them from.
    pub fn with_whole_addresses(mut self) -> Self {
        self.whole_addresses = true;
        self
    }

    /// Adds a row.
    pub fn add_row<T: fmt::Display>(&mut self, row: impl IntoIterator<Item = T>) {
        self.rows.push(row.into_iter().map(|cell| cell.to_string()).collect());
    }

    /// The table's text in lines of at most `width` letters, or in its natural width. If it does not fit, it is changed
    /// in this order: addresses lose their middle, the least important columns are left out, texts wrap, and at last
    /// each row becomes a block of lines. Whole addresses lose their middle after columns were left out.
    pub fn fitted(&self, width: Option<usize>) -> String {
        let Some(width) = width else { return self.drawn(None) };
        let mut table = self.clone();
        if table.natural_width() > width && !self.whole_addresses {
            table.shorten_addresses();
        }
        let mut left_out = Vec::new();
        for column in &self.least {
            if table.natural_width() > width && table.remove(column) {
                left_out.push(*column);
            }
        }
        if table.natural_width() > width {
            table.shorten_addresses();
        }
        let text = if table.natural_width() <= width {
            table.drawn(None)
        } else if table.narrowest_width() <= width {
            table.drawn(Some(width))
        } else {
            return self.blocks();
        };
        match &left_out[..] {
            [] => text,
            columns => {
                format!("{text}\nleft out at this width: {}; --json has everything", columns.join(", "))
            }
        }
    }

    fn widths(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.headers.len()).map(|column| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).flat_map(|cell| cell.lines());
            let widest = cells.map(letters).max().unwrap_or_default();
            widest.max(letters(&self.headers[column]))
        })
    }

    /// The natural width, with two spaces around each column and one between.
    fn natural_width(&self) -> usize {
        self.widths().map(|width| width + 3).sum::<usize>() + 1
    }

    fn narrowest_width(&self) -> usize {
        let widths = self.widths().enumerate();
        widths
            .map(|(at, width)| if at < self.left { width.min(NARROWEST) + 3 } else { width + 3 })
            .sum::<usize>()
            + 1
    }

    fn shorten_addresses(&mut self) {
        for cell in self.rows.iter_mut().flatten() {
            if let (48, Ok(_)) = (cell.len(), ss58::decode(cell)) {
                *cell = super::shortened(cell);
            }
        }
    }

    fn remove(&mut self, column: &str) -> bool {
        let Some(at) = self.headers.iter().position(|header| header == column) else { return false };
        self.headers.remove(at);
        self.rows.iter_mut().filter(|row| at < row.len()).for_each(|row| drop(row.remove(at)));
        if at < self.left {
            self.left -= 1;
        }
        true
    }

    fn drawn(&self, width: Option<usize>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE).set_header(self.headers.clone());
        for row in &self.rows {
            table.add_row(row.clone());
        }
        for column in table.column_iter_mut().skip(self.left) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if let Some(width) = width {
            for column in table.column_iter_mut().skip(self.left) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        }
        table.to_string()
    }

    /// Each row as lines of a name and a value.
    fn blocks(&self) -> String {
        let widest = self.headers.iter().map(|header| letters(header)).max().unwrap_or_default();
        let block = |row: &Vec<String>| {
            let cells = self.headers.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            cells.map(|(name, cell)| format!("{name:<widest$}  {cell}\n")).collect::<String>()
        };
        self.rows.iter().map(block).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.drawn(None))
    }
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";

    fn metagraph() -> Table {
        let mut table = Table::new(&["uid", "hotkey", "role", "incentive", "emission", "updated"], 3)
            .least_important(&["updated", "role"]);
        table.add_row(["0", ADDRESS, "validator", "65.85%", "18,000.0779 α", "124"]);
        table.add_row(["1", ADDRESS, "", "34.14%", "1.3998 α", "17"]);
        table
    }

    fn fits(text: &str, width: usize) -> bool {
        text.lines().filter(|line| !line.starts_with("left out")).all(|line| letters(line) <= width)
    }

    #[test]
    fn numbers_and_addresses_are_whole_at_every_width() {
        for width in 30..140 {
            let text = metagraph().fitted(Some(width));
            for number in ["65.85%", "18,000.0779 α", "34.14%", "1.3998 α"] {
                assert!(text.contains(number), "{number} at {width}:\n{text}");
            }
            let is_table = text.contains("─");
            assert!(!is_table || fits(&text, width), "{width}:\n{text}");
            assert!(text.contains(ADDRESS) || text.contains("5FHneW…94ty"), "{width}:\n{text}");
        }
    }

    #[test]
    fn a_wide_terminal_and_a_file_get_everything() {
        assert!(metagraph().fitted(None).contains(ADDRESS));
        let wide = metagraph().fitted(Some(140));
        assert!(wide.contains(ADDRESS) && wide.contains("updated") && !wide.contains("left out"), "{wide}");
    }

    #[test]
    fn a_narrow_one_shortens_addresses_first_and_then_leaves_columns_out() {
        let usual = metagraph().fitted(Some(80));
        assert!(usual.contains("5FHneW…94ty") && usual.contains("updated"), "{usual}");
        let narrow = metagraph().fitted(Some(60));
        assert!(narrow.contains("left out at this width: updated"), "{narrow}");
        let blocks = metagraph().fitted(Some(30));
        assert!(blocks.contains(ADDRESS) && blocks.lines().any(|line| line.ends_with("65.85%")), "{blocks}");
    }

    #[test]
    fn addresses_to_copy_stay_whole_while_columns_can_be_left_out() {
        let table = metagraph().with_whole_addresses();
        let narrow = table.fitted(Some(88));
        assert!(
            narrow.contains(ADDRESS) && narrow.contains("left out at this width: updated, role"),
            "{narrow}"
        );
        assert!(fits(&narrow, 88), "{narrow}");
        let narrower = table.fitted(Some(60));
        assert!(narrower.contains("5FHneW…94ty") && fits(&narrower, 60), "{narrower}");
    }

    #[test]
    fn texts_wrap_at_words() {
        let mut table = Table::new(&["name", "meaning", "value"], 2);
        table.add_row([
            "tempo",
            "blocks between two epochs of the subnet, in which weights are gathered",
            "360",
        ]);
        let text = table.fitted(Some(50));
        assert!(fits(&text, 50) && text.contains("360") && text.lines().count() > 3, "{text}");
    }
}
