//! The official packages that the tests and the benchmark of `tests/compat` run against.

use std::time::Instant;

use myelin_compat::packages::Packages;

/// Installs the missing ones of these packages, about half a minute for each.
pub fn install(wanted: &[Packages]) -> Result<(), String> {
    for packages in wanted {
        if packages.installed().is_ok() {
            println!("{} is there", packages.title());
            continue;
        }
        println!("installing {}", packages.title());
        let started = Instant::now();
        packages.install()?;
        println!("installed in {:.0} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}
