//! The official packages that the tests of `tests/compat` run against.

use std::time::Instant;

use myelin_compat::packages::Packages;

/// Installs what is missing, about half a minute for each.
pub fn install() -> Result<(), String> {
    for packages in Packages::ALL {
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
