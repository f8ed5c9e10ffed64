; The setup program of Windows, made by Inno Setup 6; archives.py calls it with
;   /DVersion=1.2.3 /DBuilt=FOLDER /DIcon=FILE
; What users made (%LOCALAPPDATA%\annotriage) is never touched, neither by an update nor by removing the program.

#ifndef Version
  #error Version, Built and Icon are given on the command line
#endif

[Setup]
AppId={{6E1F6F0B-6E0E-4C57-9B0B-6B1C4B7A61D2}
AppName=Annotriage
AppVersion={#Version}
AppVerName=Annotriage {#Version}
AppPublisher=The Annotriage developers
AppPublisherURL=https://github.com/annotriage/annotriage
VersionInfoVersion={#Version}
DefaultDirName={autopf}\Annotriage
DefaultGroupName=Annotriage
DisableProgramGroupPage=yes
LicenseFile={#Built}\_internal\annotriage\resources\LICENSE.txt
; Without an administrator's rights it installs for one user.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\annotriage-window.exe
Compression=lzma2/max
SolidCompression=yes
ChangesEnvironment=yes
CloseApplications=yes
WizardStyle=modern

[Tasks]
Name: desktopicon; Description: "Put a shortcut on the desktop"; Flags: unchecked
Name: path; Description: "Let the command line know annotriage (PATH)"

[InstallDelete]
; Libraries of the version before, which this one may not have.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Built}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Annotriage"; Filename: "{app}\annotriage-window.exe"
Name: "{autodesktop}\Annotriage"; Filename: "{app}\annotriage-window.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "{code:EnvironmentKey}"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsMissingInPath

[Run]
Filename: "{app}\annotriage-window.exe"; Description: "Open Annotriage"; Flags: nowait postinstall skipifsilent

[Code]
function EnvironmentKey(Unused: string): string;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

function CurrentPath: string;
begin
  if not RegQueryStringValue(HKA, EnvironmentKey(''), 'Path', Result) then
    Result := '';
end;

function IsMissingInPath: Boolean;
begin
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(CurrentPath) + ';') = 0;
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Path, Entry: string;
  Place: Integer;
begin
  if Step <> usPostUninstall then
    exit;
  Path := CurrentPath;
  Entry := ';' + ExpandConstant('{app}');
  Place := Pos(Uppercase(Entry) + ';', Uppercase(Path) + ';');
  if Place > 0 then
  begin
    Delete(Path, Place, Length(Entry));
    RegWriteExpandStringValue(HKA, EnvironmentKey(''), 'Path', Path);
  end;
end;
