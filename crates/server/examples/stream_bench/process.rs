//! Child processes: their lines, their memory and their CPU.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// Linux counts CPU in hundredths of a second for everybody (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// A child that says lines and may be told some. Ends with its owner.
pub(crate) struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
    stdin: Option<ChildStdin>,
}

impl Process {
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = ending_with_us(program);
        let mut child = command
            .args(arguments)
            .env("TENANT_ATLAS_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {command:?}"))?;
        let stdout = child.stdout.take().context("a pipe was asked for")?;
        Ok(Self {
            stdin: child.stdin.take(),
            lines: BufReader::new(stdout),
            child,
        })
    }

    /// This program in another role.
    pub(crate) fn role(arguments: &[&str]) -> Result<Self> {
        Self::start(&std::env::current_exe()?, arguments)
    }

    /// The next line that it says.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(
            self.lines.read_line(&mut line)? > 0,
            "a process ended early"
        );
        Ok(line.trim_end().to_owned())
    }

    /// Tells it a line.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().context("a pipe was asked for")?;
        writeln!(stdin, "{line}")?;
        Ok(stdin.flush()?)
    }

    /// Ends it as a crash does.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// What it has in memory, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB"))
            .context("the kernel tells the memory of a process")?;
        Ok(kilobytes.trim().parse::<u64>()? * 1024)
    }

    /// The CPU that it has used.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(") ").context("a name in brackets")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        // utime and stime are fields 14 and 15; the first behind the name is field 3.
        let ticks = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
        Ok(TICK * ticks)
    }
}

/// Linux can end a child when its parent was killed, and `setpriv` asks it to.
fn ending_with_us(program: &Path) -> Command {
    let mut asked = Command::new("setpriv");
    asked.arg("--version").stdout(Stdio::null());
    if asked.status().is_ok_and(|status| status.success()) {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(program);
        return command;
    }
    Command::new(program)
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
