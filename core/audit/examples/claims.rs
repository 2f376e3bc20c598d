//! The tables of decision 0119 about claims: `cargo run -p myelin-audit --example claims`.

#[path = "../tests/it/worlds.rs"]
mod worlds;

use worlds::World;

fn main() {
    println!("Framing validators found in one epoch, and within two\n");
    println!("| validators | requests | denies 25 % | 40 % | 60 % | 100 % |");
    println!("|---|---|---|---|---|---|");
    for validators in [3, 4, 8] {
        for requests in [3, 5, 10, 20, 30] {
            let world = World { validators, requests, ..World::CALM };
            let cell = |framed| {
                let power = World { framed, ..world }.power(1_000);
                let within_two = 1.0 - (1.0 - power) * (1.0 - power);
                format!("{:.1} %, {:.1} %", 100.0 * power, 100.0 * within_two)
            };
            let cells = [0.25, 0.4, 0.6, 1.0].map(cell).join(" | ");
            println!("| {validators} | {} | {cells} |", requests * world.rounds);
        }
    }
    println!("\nFindings about honest validators in 1,000 epochs of 16 miners\n");
    println!("| world | 3 validators | 4 | 8 |");
    println!("|---|---|---|---|");
    let calm = World { requests: 10, ..World::CALM };
    let worlds = [
        ("a tenth of the miners away for up to half of the epoch, up to 5 % late", calm),
        ("half of the miners away so", World { away: 0.5, ..calm }),
        ("up to 30 % late", World { late: 0.3, ..calm }),
        ("each line up to 10 % later", World { slow: 0.1, ..calm }),
        (
            "a twentieth of the lines broken for up to a fifth of the epoch",
            World { broken: (0.05, 0.2), ..calm },
        ),
        ("a twentieth of the lines broken for up to the whole epoch", World { broken: (0.05, 1.0), ..calm }),
    ];
    for (name, world) in worlds {
        let cells = [3, 4, 8].map(|validators| format!("{:.1}", World { validators, ..world }.alarms(2_000)));
        println!("| {name} | {} |", cells.join(" | "));
    }
}
