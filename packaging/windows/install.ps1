# Installs Mitsumori for the present user from this folder, without network and without administrator rights.
#   powershell -ExecutionPolicy Bypass -File install.ps1             installs or updates
#   powershell -ExecutionPolicy Bypass -File install.ps1 -Uninstall  removes it; plans and settings stay
# Not yet run on Windows (no such machine was at hand); its syntax and the folder's contents are tested.
param(
    [switch]$Uninstall,
    [switch]$NoAssociation,
    [string]$Target = (Join-Path $env:LOCALAPPDATA 'Programs\Mitsumori')
)
$ErrorActionPreference = 'Stop'
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$environment = Join-Path $Target 'environment'
$window = Join-Path $environment 'Scripts\mitsumori-window.exe'
$startMenu = Join-Path $env:APPDATA 'Microsoft\Windows\Start Menu\Programs'
$shortcut = Join-Path $startMenu 'Mitsumori.lnk'
$classes = 'HKCU:\Software\Classes'

function Stop-With([string]$sentence) {
    Write-Host $sentence -ForegroundColor Red
    exit 1
}

function Find-Python {
    foreach ($version in '3.11') {
        $found = & py "-$version" -c 'import sys; print(sys.executable if sys.maxsize > 2**32 else "")' 2>$null
        if ($LASTEXITCODE -eq 0 -and $found) { return $found.Trim() }
    }
    $found = & python -c 'import sys; print(sys.executable if sys.version_info[:2] == (3, 11) and sys.maxsize > 2**32 else "")' 2>$null
    if ($LASTEXITCODE -eq 0 -and $found) { return $found.Trim() }
    return $null
}

function Test-Sums {
    foreach ($line in Get-Content (Join-Path $here 'SHA256SUMS') -Encoding UTF8) {
        $digest, $name = $line -split '  ', 2
        $file = Join-Path $here $name.Replace('/', '\')
        if (-not (Test-Path -LiteralPath $file)) { Stop-With "$name is missing in this folder." }
        if ((Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash -ne $digest) { Stop-With "$name is damaged: copy the folder again." }
    }
}

$running = $false
$mutex = [System.Threading.Mutex]::new($false, 'Local\MitsumoriWindow', [ref]$running)
if (-not $running) { Stop-With 'Mitsumori is running: close its window and start again.' }
$mutex.Dispose()

if ($Uninstall) {
    Remove-Item -LiteralPath $Target -Recurse -Force -ErrorAction SilentlyContinue
    Remove-Item -LiteralPath $shortcut -Force -ErrorAction SilentlyContinue
    Remove-Item -Path "$classes\Mitsumori.Project" -Recurse -Force -ErrorAction SilentlyContinue
    Remove-Item -Path "$classes\.mitsumori" -Recurse -Force -ErrorAction SilentlyContinue
    Write-Host 'Mitsumori is removed; your plans and settings stay.'
    exit 0
}

$python = Find-Python
if (-not $python) { Stop-With 'Python 3.11 for x64 is needed: install it from python.org or the software centre and start again.' }
Test-Sums
& $python -m venv --clear $environment
if ($LASTEXITCODE -ne 0) { Stop-With 'The environment could not be made.' }
& (Join-Path $environment 'Scripts\python.exe') -m pip install --quiet --no-index --find-links (Join-Path $here 'wheels') mitsumori
if ($LASTEXITCODE -ne 0) { Stop-With 'The packages could not be installed.' }

$shell = New-Object -ComObject WScript.Shell
$link = $shell.CreateShortcut($shortcut)
$link.TargetPath = $window
$link.Save()
if (-not $NoAssociation) {
    New-Item -Path "$classes\.mitsumori" -Value 'Mitsumori.Project' -Force | Out-Null
    New-Item -Path "$classes\Mitsumori.Project\shell\open\command" -Value "`"$window`" `"%1`"" -Force | Out-Null
}
Write-Host "Mitsumori is installed in $Target; start it from the Start menu, or as $(Join-Path $environment 'Scripts\mitsumori.exe')."
exit 0
